/** Names of the attachable volumes that this node uses: what `status.volumesInUse` says, and why they are not detached. */
export class VolumesInUse {
  readonly #names = new Set<string>();
  readonly #listeners = new Set<() => void>();

  get names(): readonly string[] {
    return [...this.#names].sort();
  }

  add(name: string): void {
    if (this.#names.has(name)) return;
    this.#names.add(name);
    this.#tell();
  }

  delete(name: string): void {
    if (this.#names.delete(name)) this.#tell();
  }

  /** @returns how to stop */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
