import type { InventorySnapshot } from './inventory-snapshot.js';

/**
 * Writes containers of one snapshot as JSON (`matchingContainers`, contract, section 4) out of fragments that are made
 * once: one for each namespace, container name and image, and one for each label set while they fit the snapshot's
 * `fragmentBytes`.
 */
export class ContainerJson {
  readonly #snapshot: InventorySnapshot;
  readonly #namespaces: readonly string[];
  readonly #containerNames: readonly string[];
  readonly #images: readonly string[];
  readonly #labelSets: (string | undefined)[] = [];
  #bytesLeft: number;

  constructor(snapshot: InventorySnapshot) {
    this.#snapshot = snapshot;
    this.#namespaces = snapshot.namespaces.texts.map((text) => `{"namespaceName":${JSON.stringify(text)},"podName":`);
    this.#containerNames = snapshot.containerNames.texts.map((text) => `${JSON.stringify(text)},"containerImage":`);
    this.#images = snapshot.images.texts.map((text) => `${JSON.stringify(text)}}`);
    this.#bytesLeft = snapshot.fragmentBytes - bytesOf(this.#namespaces, this.#containerNames, this.#images);
  }

  /** All of a container's JSON that its pod decides; {@link ofContainer} completes it. */
  ofPod(pod: number): string {
    const { namespaceOfPod, nameOfPod, labelSetOfPod, podNames } = this.#snapshot;
    const namespace = this.#namespaces[namespaceOfPod[pod] ?? 0] ?? '';
    const name = quote(podNames.texts[nameOfPod[pod] ?? 0] ?? '');
    return namespace + name + this.#ofLabelSet(labelSetOfPod[pod] ?? 0);
  }

  /** The rest of a container's JSON. */
  ofContainer(container: number): string {
    const { nameOfContainer, imageOfContainer } = this.#snapshot;
    const name = this.#containerNames[nameOfContainer[container] ?? 0] ?? '';
    return name + (this.#images[imageOfContainer[container] ?? 0] ?? '');
  }

  #ofLabelSet(set: number): string {
    const known = this.#labelSets[set];
    if (known !== undefined) return known;
    const { firstLabelOfSet, labelOfSet, labels } = this.#snapshot;
    let json = ',"podLabels":[';
    const first = firstLabelOfSet[set] ?? 0;
    for (let entry = first; entry < (firstLabelOfSet[set + 1] ?? 0); entry++) {
      const label = labels.labels[labelOfSet[entry] ?? 0];
      if (label === undefined) continue;
      json += `${entry > first ? ',' : ''}{"name":${quote(label.name)},"value":${quote(label.value)}}`;
    }
    json += '],"containerName":';
    const bytes = json.length + STRING_OVERHEAD;
    if (bytes <= this.#bytesLeft) {
      this.#bytesLeft -= bytes;
      this.#labelSets[set] = json;
    }
    return json;
  }
}

/** What V8 takes, in bytes, for a string and a reference to it, content not counted. */
const STRING_OVERHEAD = 32;

function bytesOf(...fragments: readonly (readonly string[])[]): number {
  return fragments.flat().reduce((bytes, fragment) => bytes + fragment.length + STRING_OVERHEAD, 0);
}

/** `JSON.stringify` of a text, without its cost where nothing needs escaping: the rule for what Kubernetes names. */
function quote(text: string): string {
  return NEEDS_NO_ESCAPE.test(text) ? `"${text}"` : JSON.stringify(text);
}

const NEEDS_NO_ESCAPE = /^[ !#-[\]-~]*$/;
