import type { InventorySnapshot } from './inventory-snapshot.js';

/**
 * Writes containers of one snapshot as JSON (`matchingContainers`, contract, section 4) out of fragments that are made
 * once: one for each namespace, container name and image, and one for each label set while they fit the snapshot's
 * `fragmentBytes`.
 */
export class ContainerJson {
  readonly #snapshot: InventorySnapshot;
  readonly #namespaces: (string | undefined)[] = [];
  readonly #containerNames: (string | undefined)[] = [];
  readonly #images: (string | undefined)[] = [];
  readonly #labelSets: (string | undefined)[] = [];
  #bytesLeft: number;

  constructor(snapshot: InventorySnapshot) {
    this.#snapshot = snapshot;
    this.#bytesLeft = snapshot.fragmentBytes;
  }

  /** All of a container's JSON that its pod decides; {@link ofContainer} completes it. */
  ofPod(pod: number): string {
    const { namespaces, namespaceOfPod, podNames, nameOfPod, labelSetOfPod } = this.#snapshot;
    const namespace = namespaceOfPod[pod] ?? 0;
    const set = labelSetOfPod[pod] ?? 0;
    const start = (this.#namespaces[namespace] ??= this.#kept(
      `{"namespaceName":${quote(namespaces.texts[namespace] ?? '')},"podName":`,
    ));
    const name = quote(podNames.texts[nameOfPod[pod] ?? 0] ?? '');
    return start + name + (this.#labelSets[set] ?? this.#ofLabelSet(set));
  }

  /** The rest of a container's JSON. */
  ofContainer(container: number): string {
    const { containerNames, nameOfContainer, images, imageOfContainer } = this.#snapshot;
    const name = nameOfContainer[container] ?? 0;
    const image = imageOfContainer[container] ?? 0;
    const start = (this.#containerNames[name] ??= this.#kept(
      `${quote(containerNames.texts[name] ?? '')},"containerImage":`,
    ));
    return start + (this.#images[image] ??= this.#kept(`${quote(images.texts[image] ?? '')}}`));
  }

  #kept(fragment: string): string {
    this.#bytesLeft -= fragment.length + STRING_OVERHEAD;
    return fragment;
  }

  #ofLabelSet(set: number): string {
    const { firstLabelOfSet, labelOfSet, labels } = this.#snapshot;
    let json = ',"podLabels":[';
    const first = firstLabelOfSet[set] ?? 0;
    for (let entry = first; entry < (firstLabelOfSet[set + 1] ?? 0); entry++) {
      const label = labels[labelOfSet[entry] ?? 0];
      if (label === undefined) continue;
      json += `${entry > first ? ',' : ''}{"name":${quote(label.name)},"value":${quote(label.value)}}`;
    }
    json += '],"containerName":';
    if (json.length + STRING_OVERHEAD <= this.#bytesLeft) this.#labelSets[set] = this.#kept(json);
    return json;
  }
}

/** What V8 takes, in bytes, for a string and a reference to it, content not counted. */
const STRING_OVERHEAD = 32;

/** `JSON.stringify` of a text, without its cost where nothing needs escaping: the rule for what Kubernetes names. */
function quote(text: string): string {
  return NEEDS_NO_ESCAPE.test(text) ? `"${text}"` : JSON.stringify(text);
}

const NEEDS_NO_ESCAPE = /^[ !#-[\]-~]*$/;
