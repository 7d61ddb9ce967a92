import fs from 'node:fs';
import { expect, test } from 'vitest';
import { proposeUnitLocalPart } from '../../src/rules/addresses.ts';
import { regulationById } from '../../src/rules/regulations.ts';
import { unit } from './harness.ts';

/** A figure of a regulation by its path, or the address of a unit; a new case is one line of figures.json. */
interface Figure {
  readonly rule: string;
  readonly regulation: string;
  readonly path?: string;
  readonly unit?: { readonly name: string; readonly abbreviation: string; readonly level: string };
  readonly parent?: string;
  readonly value: unknown;
}

const figures = JSON.parse(fs.readFileSync('test/cases/rules/figures.json', 'utf8')) as Figure[];

test.each(figures)('[$rule] $value', ({ regulation: id, path, unit: asked, parent, value }) => {
  const regulation = regulationById(id)!;
  const actual =
    asked === undefined
      ? (path ?? '').split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], regulation)
      : proposeUnitLocalPart(
          regulation,
          unit(asked),
          parent === undefined ? null : unit({ abbreviation: parent }),
        );
  expect(actual).toBe(value);
});
