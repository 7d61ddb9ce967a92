import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/**
 * A person without a mouse. Everything here presses keys only; what runs in the browser is text, because its types are
 * not this project's.
 */
const STOP = `(() => {
  const at = document.activeElement;
  if (at === null || at === document.body) return null;
  const style = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const isSeen = box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  return { html: at.outerHTML.slice(0, 160), ring: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth), isSeen };
})()`;

interface Stop {
  readonly html: string;
  readonly ring: number;
  readonly isSeen: boolean;
}

const MOST_STOPS = 250;

/** Presses Tab until the focus stands on what the selector names; at every stop on the way the focus can be seen. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  const passed: string[] = [];
  for (let n = 0; n < MOST_STOPS; n++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate<Stop | null>(STOP);
    if (stop === null) continue;
    expect(stop.ring, `the focus cannot be seen on ${stop.html}`).toBeGreaterThanOrEqual(2);
    expect(stop.isSeen, `the focus is out of sight on ${stop.html}`).toBe(true);
    if (await isOn(page, selector)) return;
    passed.push(stop.html);
  }
  throw new Error(`${selector} is not reached by Tab; passed:\n${passed.slice(0, 40).join('\n')}`);
}

export const isOn = (page: Page, selector: string): Promise<boolean> =>
  page.evaluate<boolean>(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`);

/** The page puts the focus there by itself, which a busy browser does a moment after it has loaded. */
export async function expectFocus(page: Page, selector: string, what: string): Promise<void> {
  await expect.poll(() => isOn(page, selector), { message: what, timeout: 10_000 }).toBe(true);
}

/** Enter on what has the focus, where that opens another page. */
export async function enter(page: Page): Promise<void> {
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
}

/** The form was refused: the focus stands on what is wrong, and a reader of screens says it. */
export async function expectError(page: Page, words: string): Promise<void> {
  await expectFocus(page, '[role=alert]', 'the focus is on the error');
  expect(await page.textContent('[role=alert]')).toContain(words);
}

/** Chooses a file by keyboard. */
export async function chooseFile(
  page: Page,
  selector: string,
  file: { readonly name: string; readonly mimeType: string; readonly buffer: Buffer },
): Promise<void> {
  await tabTo(page, selector);
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
  await chooser.setFiles(file);
}

/** The option whose words begin so, by typing them; the list need not open for that. */
export async function choose(page: Page, selector: string, value: string): Promise<void> {
  await tabTo(page, selector);
  for (let n = 0; n < 40; n++) {
    if (await page.evaluate<boolean>(`document.activeElement.value === ${JSON.stringify(value)}`)) return;
    await page.keyboard.press('ArrowDown');
  }
  throw new Error(`${selector} has no ${value}`);
}

/**
 * Walks through the whole page by Tab: the skip link comes first and leads to the main part, every control is reached,
 * in the order in which it is written, and nothing keeps the focus.
 */
export async function walk(page: Page): Promise<void> {
  await page.evaluate(
    `(() => { document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex'); scrollTo(0, 0); })()`,
  );
  await page.keyboard.press('Tab');
  expect(await isOn(page, 'a.skip'), 'the skip link is first').toBe(true);
  const wrong = await page.evaluate<string[]>(MARK);
  expect(wrong, 'no control is taken out of the order').toEqual([]);
  let before = -1;
  for (let n = 0; n < MOST_STOPS * 2; n++) {
    const stop = await page.evaluate<Stop | null>(STOP);
    if (stop === null) break;
    expect(stop.ring, `the focus cannot be seen on ${stop.html}`).toBeGreaterThanOrEqual(2);
    expect(stop.isSeen, `the focus is out of sight on ${stop.html}`).toBe(true);
    const place = await page.evaluate<number>(
      `(() => { const at = document.activeElement; at.dataset.reached = 'yes'; return Number(at.dataset.place ?? '-1'); })()`,
    );
    // A date has a stop for day, month and year; an area that scrolls may be a stop without being a control.
    if (place >= 0) {
      if (place < before) break;
      before = place;
    }
    await page.keyboard.press('Tab');
  }
  const missed = await page.evaluate<string[]>(
    `[...document.querySelectorAll('[data-place]:not([data-reached])')].map((one) => one.outerHTML.slice(0, 160))`,
  );
  expect(missed, 'every control is reached').toEqual([]);
}

/** Numbers the controls a person can see; tells those with an order of their own. */
const MARK = `(() => {
  const isOpen = (one) => { for (let up = one.parentElement; up; up = up.parentElement)
    if (up.tagName === 'DETAILS' && !up.open && !up.querySelector(':scope > summary').contains(one)) return false; return true; };
  const groups = new Set();
  [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
    .filter((one) => isOpen(one) && !one.disabled && one.getClientRects().length > 0 && one.tabIndex >= 0)
    .filter((one) => { if (one.type !== 'radio') return true;
      const group = [...document.getElementsByName(one.name)];
      const checked = group.find((each) => each.checked);
      if (checked ? one !== checked : groups.has(one.name)) return false;
      groups.add(one.name); return true; })
    .forEach((one, n) => { one.dataset.place = n; delete one.dataset.reached; });
  return [...document.querySelectorAll('[tabindex]')].filter((one) => one.tabIndex > 0).map((one) => one.outerHTML.slice(0, 160));
})()`;
