/** Text with its runs. A run without a font of its own has that of what surrounds it. */
export interface RichText {
  readonly text: string;
  /** Only where runs name fonts. */
  readonly runs?: readonly { readonly text: string; readonly font?: string }[];
}

/** Collects runs; neighbours in the same font are one. */
export class RichTextBuilder {
  #runs: { text: string; font?: string }[] = [];

  add(text: string, font?: string): void {
    if (text === '') return;
    const last = this.#runs.at(-1);
    if (last !== undefined && last.font === font) last.text += text;
    else this.#runs.push(font === undefined ? { text } : { text, font });
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  /** What was collected; the builder is empty afterwards. */
  take(): RichText {
    const runs = this.#runs;
    this.#runs = [];
    const text = runs.map((run) => run.text).join('');
    return runs.some(({ font }) => font !== undefined) ? { text, runs } : { text };
  }
}

/** A cell's share of rich text: one font goes to the cell, several stay with the runs. */
export function fontsOf(
  { text, runs }: RichText,
  font: string | undefined,
): { text: string; font?: string; runs?: readonly { readonly text: string; readonly font?: string }[] } {
  const resolved = (runs ?? [{ text }]).map((run) => ({ text: run.text, font: run.font ?? font }));
  const [first] = resolved;
  if (first === undefined || resolved.every((run) => run.font === first.font))
    return first?.font === undefined ? { text } : { text, font: first.font };
  return {
    text,
    ...(first.font === undefined ? {} : { font: first.font }),
    runs: resolved.map((run) =>
      run.font === undefined ? { text: run.text } : { text: run.text, font: run.font },
    ),
  };
}
