import { attribute, walkXml, type Attributes, type XmlHandler } from './xml.ts';

export type StyleFamily = 'text' | 'paragraph' | 'table-cell' | 'table';

export interface OdfLook {
  readonly font?: string | undefined;
  readonly hidden?: boolean | undefined;
}

/** Styles are based on each other a few steps deep; a circle must end. */
const MOST_STEPS = 12;

/** Styles of an ODF file (ODF 1.3 part 3 §16): those of styles.xml, then the automatic ones of content.xml. */
export class OdfStyles implements XmlHandler {
  readonly #faces = new Map<string, string>();
  readonly #styles = new Map<
    string,
    { parent: string | null; font?: string; face?: string; hidden?: boolean }
  >();
  #key: string | null = null;

  read(bytes: Uint8Array | null): void {
    if (bytes !== null) walkXml(bytes, this);
  }

  open(name: string, attributes: Attributes): void {
    switch (name) {
      case 'font-face':
        this.#faces.set(
          attribute(attributes, 'name') ?? '',
          (attribute(attributes, 'font-family') ?? '').replaceAll(/^'|'$/gu, ''),
        );
        return;
      case 'style':
      case 'default-style': {
        const family = attribute(attributes, 'family') ?? '';
        this.#key = key(family, name === 'style' ? (attribute(attributes, 'name') ?? '') : null);
        this.#styles.set(this.#key, {
          parent: name === 'style' ? key(family, attribute(attributes, 'parent-style-name') ?? null) : null,
        });
        return;
      }
      case 'text-properties':
      case 'table-properties':
        this.#properties(attributes);
    }
  }

  close(name: string): void {
    if (name === 'style' || name === 'default-style') this.#key = null;
  }

  #properties(attributes: Attributes): void {
    const style = this.#key === null ? undefined : this.#styles.get(this.#key);
    if (style === undefined) return;
    const face = attribute(attributes, 'font-name');
    const font = attribute(attributes, 'font-family');
    const display = attribute(attributes, 'display');
    if (face !== undefined) style.face = face;
    if (font !== undefined) style.font = font.replaceAll(/^'|'$/gu, '');
    if (display !== undefined) style.hidden = display === 'none' || display === 'false';
  }

  /** What a style and those it is based on say; the family's default last. */
  look(family: StyleFamily, name: string | undefined): OdfLook {
    let font: string | undefined;
    let hidden: boolean | undefined;
    let next: string | null = key(family, name ?? null);
    for (let step = 0; next !== null && step < MOST_STEPS; step++) {
      const style = this.#styles.get(next);
      if (style === undefined) break;
      font ??= style.face === undefined ? style.font : (this.#faces.get(style.face) ?? style.face);
      hidden ??= style.hidden;
      next = style.parent;
    }
    return { font, hidden };
  }
}

/** Without a name: the family's default style. */
const key = (family: string, name: string | null): string => `${family} ${name ?? ''}`;
