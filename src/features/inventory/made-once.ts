/** Makes a value of each text once: the pods of a workload have the same labels and containers. */
export class MadeOnce<Value> {
  private readonly made = new Map<string, Value>();

  constructor(private readonly make: (text: string) => Value) {}

  of(text: string): Value {
    let value = this.made.get(text);
    if (value === undefined) {
      value = this.make(text);
      this.made.set(text, value);
    }
    return value;
  }
}
