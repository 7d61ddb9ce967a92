import path from 'node:path';
import type { Fields, Upload } from '../work/desk/action.ts';
import type { Form } from './web.ts';

/** A submitted form as the desk's actions read it: files are in memory, their names are labels without a path. */
export async function fieldsOf(form: Form): Promise<Fields> {
  const files = new Map<string, Upload>();
  for (const name of ['file', 'scan', 'list']) {
    const file = form.file(name);
    if (file === null) continue;
    files.set(name, {
      name: label(file.name),
      mediaType: file.type,
      bytes: Buffer.from(await file.arrayBuffer()),
    });
  }
  return { text: form.text, all: form.all, checked: form.checked, upload: (name) => files.get(name) ?? null };
}

const label = (name: string): string =>
  path
    .basename(name.replaceAll('\\', '/'))
    .replaceAll(/[\p{Cc}"]/gu, '')
    .normalize('NFC')
    .slice(0, 120) || 'tep';
