import { attribute, walkXml, type Attributes } from './xml.ts';

/** Properties of a run that matter here; undefined where nothing is said. */
export interface RunLook {
  font?: string | undefined;
  hidden?: boolean | undefined;
}

interface Style {
  readonly basedOn: string | null;
  readonly look: Readonly<RunLook>;
}

export interface DocxStyles {
  readonly byId: ReadonlyMap<string, Style>;
  readonly defaults: Readonly<RunLook>;
  readonly paragraph: string | null;
}

/** Styles are based on each other a few steps deep; a circle must end. */
const MOST_STEPS = 12;

/**
 * The font of a run's letters above ASCII, which are the ones that legacy encodings use (ECMA-376 part 1 §17.3.2.26). A
 * theme font wins over a named one, and themes never name a legacy font.
 */
export function fontOf(attributes: Attributes): string | undefined {
  if (attribute(attributes, 'hAnsiTheme') !== undefined || attribute(attributes, 'asciiTheme') !== undefined)
    return 'theme';
  return attribute(attributes, 'hAnsi') ?? attribute(attributes, 'ascii');
}

/** §17.17.4: an element alone switches on. */
export const isOn = (attributes: Attributes): boolean =>
  !['0', 'false', 'off'].includes(attribute(attributes, 'val') ?? 'true');

export function readDocxStyles(bytes: Uint8Array | null): DocxStyles {
  const byId = new Map<string, Style>();
  let defaults: RunLook = {};
  let paragraph: string | null = null;
  let id: string | null = null;
  let basedOn: string | null = null;
  let look: RunLook = {};
  let inDefaults = false;
  if (bytes !== null)
    walkXml(bytes, {
      open(name, attributes) {
        if (name === 'docDefaults') inDefaults = true;
        else if (name === 'style') {
          id = attribute(attributes, 'styleId') ?? null;
          basedOn = null;
          look = {};
          const isDefault = ['1', 'true'].includes(attribute(attributes, 'default') ?? '');
          if (isDefault && attribute(attributes, 'type') === 'paragraph') paragraph = id;
        } else if (name === 'basedOn') basedOn = attribute(attributes, 'val') ?? null;
        else if (name === 'rFonts') {
          if (inDefaults) defaults = { ...defaults, font: fontOf(attributes) };
          else look = { ...look, font: fontOf(attributes) };
        } else if (name === 'vanish' && !inDefaults) look = { ...look, hidden: isOn(attributes) };
      },
      close(name) {
        if (name === 'docDefaults') inDefaults = false;
        if (name === 'style' && id !== null) byId.set(id, { basedOn, look });
      },
    });
  return { byId, defaults, paragraph };
}

/** What a style and those it is based on say, the nearest first. */
export function lookOfStyle({ byId }: DocxStyles, id: string | null): RunLook {
  let look: RunLook = {};
  let next = id;
  for (let step = 0; next !== null && step < MOST_STEPS; step++) {
    const style = byId.get(next);
    if (style === undefined) break;
    look = { font: look.font ?? style.look.font, hidden: look.hidden ?? style.look.hidden };
    next = style.basedOn;
  }
  return look;
}
