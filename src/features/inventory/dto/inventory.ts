import { ApiSchema } from '@nestjs/swagger';
import { objectField, oneOfField, type ResourceField, ReturnedField } from '../../../rest/resource-field.js';
import type { LEFT_OUT_REASONS } from '../app-scope.js';
import type { ContainerCounts, InventoryAnswer, InventoryDifference, PodCounts } from '../inventory-answer.js';

/** Media type of the answer to an inventory. */
export const INVENTORY_TYPE = 'application/astra-appInventory';

function number(description: string, example: number): ResourceField {
  return { schema: { type: 'integer', minimum: 0, description, example }, rules: [] };
}

/** Why pods of the list are not in the inventory, and how many. */
@ApiSchema({ description: 'How many pods were left out, by reason. A pod with several reasons counts with the first.' })
export class PodsLeftOut implements Record<(typeof LEFT_OUT_REASONS)[number], number> {
  @ReturnedField(number("Pods of namespaces that are not the app's.", 0))
  otherNamespace: number;

  @ReturnedField(number('Pods that the label selectors of the app do not select.', 0))
  labelSelector: number;

  @ReturnedField(number('Pods that have succeeded or failed.', 1))
  finished: number;

  @ReturnedField(number('Pods that have not started.', 0))
  pending: number;

  @ReturnedField(number('Pods whose phase is unknown or missing.', 0))
  unknownPhase: number;

  @ReturnedField(number('Running pods that are being deleted.', 0))
  terminating: number;

  @ReturnedField(number('Running pods whose node is lost.', 0))
  nodeLost: number;
}

/** What came of the pods of a list. */
@ApiSchema({ description: 'What came of the pods of the list.' })
export class InventoryPods implements PodCounts {
  @ReturnedField(number('Pods of the list: those kept and all that were left out.', 5))
  received: number;

  @ReturnedField(number('Pods that are in the inventory now.', 4))
  kept: number;

  @ReturnedField(objectField(() => PodsLeftOut, { description: 'Pods that were left out, by reason.' }))
  leftOut: PodsLeftOut;
}

/** Why containers of the list are not in the inventory, and how many. */
@ApiSchema({ description: 'How many containers were left out, by reason.' })
export class ContainersLeftOut {
  @ReturnedField(number('Init containers, native sidecars apart.', 1))
  init: number;

  @ReturnedField(number('Ephemeral containers.', 0))
  ephemeral: number;

  @ReturnedField(number('Containers of pods that were left out.', 1))
  ofPodsLeftOut: number;
}

/** What came of the containers of a list. */
@ApiSchema({ description: 'What came of the containers of the list, and how the inventory has changed.' })
export class InventoryContainers implements ContainerCounts, InventoryDifference {
  @ReturnedField(number('Containers that are in the inventory now.', 6))
  kept: number;

  @ReturnedField(objectField(() => ContainersLeftOut, { description: 'Containers that were left out, by reason.' }))
  leftOut: ContainersLeftOut;

  @ReturnedField(number('Containers that were not in the inventory before.', 6))
  added: number;

  @ReturnedField(number("Containers whose image or state or whose pod's labels were others before.", 0))
  changed: number;

  @ReturnedField(number('Containers that were in the inventory before and are no more.', 0))
  removed: number;
}

/** The answer to `PUT …/inventory` (docs/api.md, section 8). */
@ApiSchema({ description: 'What came of the pods and containers that were sent.' })
export class Inventory implements InventoryAnswer {
  @ReturnedField(oneOfField([INVENTORY_TYPE], { description: 'Media type of the resource.' }))
  type: typeof INVENTORY_TYPE;

  @ReturnedField(oneOfField(['1.0'], { description: 'Version of the resource.' }))
  version: '1.0';

  @ReturnedField(
    number('Number of the inventory as it is now. It goes up with every inventory that differs from the last one.', 1),
  )
  revision: number;

  @ReturnedField(objectField(() => InventoryPods, { description: 'What came of the pods.' }))
  pods: InventoryPods;

  @ReturnedField(objectField(() => InventoryContainers, { description: 'What came of the containers.' }))
  containers: InventoryContainers;
}
