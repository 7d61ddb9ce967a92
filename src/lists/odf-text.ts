import type { OdfStyles } from './odf-styles.ts';
import { ListError } from './port.ts';
import { attribute, type Attributes, type XmlHandler } from './xml.ts';

/** A line of a list needs no more spaces than a sheet of paper is wide. */
const MOST_SPACES = 200;

/** Contents that are no part of the text they stand in. */
const NOT_READ = new Set(['annotation', 'note', 'tracked-changes', 'shapes', 'object', 'forms', 'ruby-text']);
/** DDE links start programs when the document is opened. */
const DDE = new Set(['dde-link', 'dde-links', 'dde-source', 'dde-connection-decl', 'dde-connection']);

export interface OdfSink {
  open(name: string, attributes: Attributes): void;
  close(name: string): void;
  write(text: string, font: string | undefined): void;
  endParagraph(): void;
  /** Text that is not shown. */
  concealed(): void;
  /** Changes are tracked. */
  tracked(): void;
}

/** Follows the text of ODF content (ODF 1.3 part 3 §5–6) and hands everything else on. */
export class OdfText implements XmlHandler {
  readonly #sink: OdfSink;
  readonly #styles: OdfStyles;
  /** Styles of the open paragraph and spans, innermost last. */
  readonly #looks: { readonly font?: string | undefined; readonly hidden?: boolean | undefined }[] = [];
  #skipping = 0;

  constructor(sink: OdfSink, styles: OdfStyles) {
    this.#sink = sink;
    this.#styles = styles;
  }

  open(name: string, attributes: Attributes): void {
    if (DDE.has(name)) throw new ListError('forbidden_content', `a DDE link (${name})`);
    if (name === 'changed-region') this.#sink.tracked();
    if (this.#skipping > 0 || NOT_READ.has(name)) {
      this.#skipping++;
      return;
    }
    const style = attribute(attributes, 'style-name');
    switch (name) {
      case 'p':
      case 'h':
        this.#looks.push(this.#styles.look('paragraph', style));
        return;
      case 'span':
        this.#looks.push(this.#styles.look('text', style));
        return;
      case 'hidden-text':
      case 'hidden-paragraph':
        if (attribute(attributes, 'is-hidden') !== 'false') this.#sink.concealed();
        return;
      case 's':
        this.text(
          ' '.repeat(Math.min(Math.max(Number(attribute(attributes, 'c') ?? 1), 0) || 0, MOST_SPACES)),
        );
        return;
      case 'tab':
        this.text('\t');
        return;
      case 'line-break':
        this.text('\n');
        return;
      default:
        this.#sink.open(name, attributes);
    }
  }

  text(text: string): void {
    if (this.#skipping > 0 || this.#looks.length === 0) return;
    const hidden = this.#looks.findLast((look) => look.hidden !== undefined)?.hidden ?? false;
    if (hidden) this.#sink.concealed();
    else this.#sink.write(text, this.#looks.findLast((look) => look.font !== undefined)?.font);
  }

  close(name: string): void {
    if (this.#skipping > 0) {
      this.#skipping--;
      return;
    }
    if (name === 'p' || name === 'h' || name === 'span') {
      this.#looks.pop();
      if (name !== 'span') this.#sink.endParagraph();
    } else this.#sink.close(name);
  }
}
