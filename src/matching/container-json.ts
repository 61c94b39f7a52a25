import type { InventorySnapshot } from './inventory-snapshot.js';

/**
 * Writes containers of one snapshot as JSON (`matchingContainers`, contract, section 4). What has been written is kept,
 * while it fits the snapshot's `fragmentBytes`: whole containers, and what containers share.
 */
export class ContainerJson {
  readonly #snapshot: InventorySnapshot;
  #containers: (string | undefined)[] | undefined;
  readonly #namespaces: (string | undefined)[] = [];
  #labelSets: (string | undefined)[] | undefined;
  readonly #containerNames: (string | undefined)[] = [];
  readonly #images: (string | undefined)[] = [];
  #bytesLeftForContainers: number;
  #bytesLeftForParts: number;

  constructor(snapshot: InventorySnapshot) {
    this.#snapshot = snapshot;
    this.#bytesLeftForParts = Math.floor(snapshot.fragmentBytes / 4);
    this.#bytesLeftForContainers = snapshot.fragmentBytes - this.#bytesLeftForParts;
  }

  /** The JSON object of one container. */
  of(container: number): string {
    return this.#containers?.[container] ?? this.#write(container);
  }

  #write(container: number): string {
    const snapshot = this.#snapshot;
    const pod = snapshot.podOfContainer[container] ?? 0;
    const namespace = this.#ofNamespace(snapshot.namespaceOfPod[pod] ?? 0);
    const podName = quote(snapshot.podNames.texts[snapshot.nameOfPod[pod] ?? 0] ?? '');
    const labels = this.#ofLabelSet(snapshot.labelSetOfPod[pod] ?? 0);
    const name = this.#ofContainerName(snapshot.nameOfContainer[container] ?? 0);
    const image = this.#ofImage(snapshot.imageOfContainer[container] ?? 0);
    const json = namespace + podName + labels + name + image;
    const bytes = json.length + STRING_OVERHEAD;
    if (bytes > this.#bytesLeftForContainers) return json;
    this.#bytesLeftForContainers -= bytes;
    // `+` only notes which strings belong together, at several times their size; what is kept is put in one piece.
    // At full length from the start: an array that grows with gaps becomes a hash table.
    this.#containers ??= new Array<string | undefined>(snapshot.containerCount);
    return (this.#containers[container] = [namespace, podName, labels, name, image].join(''));
  }

  #ofNamespace(namespace: number): string {
    const known = this.#namespaces[namespace];
    if (known !== undefined) return known;
    const json = ['{"namespaceName":', quote(this.#snapshot.namespaces.texts[namespace] ?? ''), ',"podName":'].join('');
    return this.#isPartKept(json) ? (this.#namespaces[namespace] = json) : json;
  }

  #ofContainerName(name: number): string {
    const known = this.#containerNames[name];
    if (known !== undefined) return known;
    const json = [quote(this.#snapshot.containerNames.texts[name] ?? ''), ',"containerImage":'].join('');
    return this.#isPartKept(json) ? (this.#containerNames[name] = json) : json;
  }

  #ofImage(image: number): string {
    const known = this.#images[image];
    if (known !== undefined) return known;
    const json = [quote(this.#snapshot.images.texts[image] ?? ''), '}'].join('');
    return this.#isPartKept(json) ? (this.#images[image] = json) : json;
  }

  #ofLabelSet(set: number): string {
    const known = this.#labelSets?.[set];
    if (known !== undefined) return known;
    const { firstLabelOfSet, labelOfSet, labels, labelSetCount, podCount } = this.#snapshot;
    const entries = labelOfSet.subarray(firstLabelOfSet[set], firstLabelOfSet[set + 1]);
    const written = Array.from(entries, (entry) => {
      const label = labels[entry];
      return label === undefined ? '' : `{"name":${quote(label.name)},"value":${quote(label.value)}}`;
    });
    const json = [',"podLabels":[', written.join(','), '],"containerName":'].join('');
    // Where nearly every pod has labels of its own, they are not asked for again.
    if (2 * labelSetCount > podCount || !this.#isPartKept(json)) return json;
    this.#labelSets ??= new Array<string | undefined>(labelSetCount);
    return (this.#labelSets[set] = json);
  }

  #isPartKept(json: string): boolean {
    const bytes = json.length + STRING_OVERHEAD;
    if (bytes > this.#bytesLeftForParts) return false;
    this.#bytesLeftForParts -= bytes;
    return true;
  }
}

/** What V8 takes, in bytes, for a string and a reference to it, content not counted. */
const STRING_OVERHEAD = 32;

/** `JSON.stringify` of a text, without its cost where nothing needs escaping: the rule for what Kubernetes names. */
function quote(text: string): string {
  return NEEDS_NO_ESCAPE.test(text) ? `"${text}"` : JSON.stringify(text);
}

const NEEDS_NO_ESCAPE = /^[ !#-[\]-~]*$/;
