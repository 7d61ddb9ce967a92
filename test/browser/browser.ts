import fs from 'node:fs';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { PASSWORD, type TestAccount } from '../harness/console.ts';

const CHROMIUM = '/usr/bin/chromium';
/** Skipped without Debian's Chromium, unless everything has to be there. */
export const withChromium = fs.existsSync(CHROMIUM) || process.env['CONGTHU_TEST_ALL'] === '1';

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

const ARTEFACTS = path.resolve(import.meta.dirname, '../../artefacts');
const AXE = fs.readFileSync(
  path.resolve(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'),
  'utf8',
);

interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** Keeps a picture, and finds nothing wrong by axe, at a desk's width and on a phone. */
export async function look(page: Page, name: string): Promise<void> {
  fs.mkdirSync(ARTEFACTS, { recursive: true });
  for (const [width, height, suffix] of [
    [390, 844, 'phone'],
    [1366, 768, 'desk'],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: path.join(ARTEFACTS, `${name}-${suffix}.png`), fullPage: true });
    // As texts: these run in the browser, whose types are not this project's.
    const sideways = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
    expect(sideways, `${name} scrolls sideways at ${width}`).toBeLessThanOrEqual(0);
    await page.evaluate(AXE);
    const violations = await page.evaluate<AxeViolation[]>('axe.run().then((found) => found.violations)');
    const told = violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary ?? ''}`).join('\n  ')}`,
    );
    expect(told, `${name} at ${width}`).toEqual([]);
  }
}

export async function logIn(page: Page, url: string, account: TestAccount): Promise<void> {
  await page.goto(`${url}/dang-nhap`);
  await page.fill('#name', account.name);
  await page.fill('#password', PASSWORD);
  await page.keyboard.press('Enter');
  // A code may run out between being read and being sent: then the next one is taken, as a person does.
  for (let tries = 0; tries < 3; tries += 1) {
    await page.fill('#code', account.code());
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    if (!new URL(page.url()).pathname.startsWith('/dang-nhap')) break;
  }
  await page.waitForSelector('nav.places');
}
