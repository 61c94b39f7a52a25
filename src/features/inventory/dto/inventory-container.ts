import { ApiSchema } from '@nestjs/swagger';
import { Container } from '../../../rest/container.js';
import { oneOfField, ReturnedWhenSet, textField } from '../../../rest/resource-field.js';

/** A container as the inventory shows it: with the state that it was reported in (docs/api.md, section 8). */
@ApiSchema({ description: "A container of an app's inventory, with its state where the list had it." })
export class InventoryContainer extends Container {
  @ReturnedWhenSet(
    oneOfField(['running', 'waiting', 'terminated'], { description: 'State of the container when it was reported.' }),
  )
  containerState?: 'running' | 'waiting' | 'terminated';

  @ReturnedWhenSet(
    textField(1, Infinity, {
      description: "Why it waits or has ended, in Kubernetes' own words.",
      example: 'CrashLoopBackOff',
    }),
  )
  containerStateReason?: string;
}
