import { html } from 'hono/html';
import type { Markup } from '../web.ts';

/**
 * Small charts as SVG, drawn on the server: no script, no inline style (CSP). Each has its figures beside it in a
 * table, so the picture is `aria-hidden`.
 */
export interface Series {
  readonly tone: 'first' | 'second' | 'third';
  readonly values: readonly number[];
}

const WIDTH = 640;
const HEIGHT = 150;
const BOTTOM = 18;
const TOP = 16;

/** Columns over time; several series stand on one another. @param labels one per column, most of them empty */
export function columns(labels: readonly string[], series: readonly Series[]): Markup {
  const sums = labels.map((_, i) => series.reduce((sum, { values }) => sum + (values[i] ?? 0), 0));
  const most = Math.max(1, ...sums);
  const step = WIDTH / Math.max(labels.length, 1);
  const scale = (HEIGHT - TOP - BOTTOM) / most;
  const bars = labels.flatMap((_, i) => {
    let y = HEIGHT - BOTTOM;
    return series.map(({ tone, values }) => {
      const height = (values[i] ?? 0) * scale;
      y -= height;
      return height === 0
        ? ''
        : html`<rect
            class="bar ${tone}"
            x="${px(i * step + step * 0.15)}"
            y="${px(y)}"
            width="${px(step * 0.7)}"
            height="${px(height)}"
          />`;
    });
  });
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true" focusable="false">
    <line class="axis" x1="0" x2="${WIDTH}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}" />
    <line class="axis" x1="0" x2="${WIDTH}" y1="${TOP}" y2="${TOP}" />
    <text x="0" y="${TOP - 4}">${most.toLocaleString('vi-VN')}</text>
    ${bars}
    ${labels.map((label, i) =>
      label === ''
        ? ''
        : html`<text x="${px((i + 0.5) * step)}" y="${HEIGHT - 4}" text-anchor="middle">${label}</text>`,
    )}
  </svg>`;
}

const px = (value: number): string => value.toFixed(1);

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly tone?: 'first' | 'second' | 'third';
  /** Where the entries behind the figure are found. */
  readonly href?: string;
}

/** Horizontal bars with their words and figures: a table, readable without the bars. */
export function bars(rows: readonly Bar[], caption: string): Markup {
  const most = Math.max(1, ...rows.map(({ value }) => value));
  return html`<table class="bars">
    <caption>
      ${caption}
    </caption>
    <tbody>
      ${rows.map(
        ({ name, value, tone = 'first', href }) =>
          html`<tr>
            <th scope="row">${href === undefined ? name : html`<a href="${href}">${name}</a>`}</th>
            <td class="number">${value.toLocaleString('vi-VN')}</td>
            <td class="picture">
              <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                <rect class="bar ${tone}" x="0" y="0" width="${px((value / most) * 100)}" height="10" />
              </svg>
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
