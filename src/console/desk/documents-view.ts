import { html } from 'hono/html';
import { documentById, type DocumentHead, type StoredDocument } from '../../store/documents.ts';
import { signDocument } from '../../work/desk/sign-document.ts';
import type { Inside } from '../deps.ts';
import { actorWords } from '../entry-words.ts';
import { moment, tag } from '../format.ts';
import { csrfField, noteBox, problemBox, refusedPage, shell } from '../shell.ts';
import { fieldsOf } from '../uploads.ts';
import { me, type Markup, type Page } from '../web.ts';
import type { Say } from '../words.ts';

/** "Văn bản phúc đáp hồ sơ TN-2026-000012". */
export const documentName = (
  { purpose, dossier, order }: Pick<DocumentHead, 'purpose' | 'dossier' | 'order'>,
  say: Say,
): string =>
  purpose === 'reply'
    ? say(`Văn bản phúc đáp hồ sơ ${dossier ?? ''}`, `Reply document of ${dossier ?? ''}`)
    : say(
        `Công văn kèm danh sách tổng hợp ${order ?? ''}`,
        `Covering letter of the consolidated list ${order ?? ''}`,
      );

/** A document with its files, and the place to hand in the signed one while it waits for that. */
export function documentView(c: Page, document: DocumentHead, heading: 'h2' | 'h3' = 'h3'): Markup {
  const { say } = c.get('visit');
  const { id, state, signedBy, signedAt, createdAt } = document;
  const file = (kind: string, words: string): Markup => html`<a href="/van-ban/${id}/${kind}">${words}</a>`;
  return html`<article id="van-ban-${id}">
    ${heading === 'h2' ? html`<h2>${documentName(document, say)}</h2>` : html`<h3>${documentName(document, say)}</h3>`}
    <p>
      ${
        state === 'draft'
          ? tag('wait', say('Chờ ký số', 'To be signed'))
          : tag('good', say('Đã ký, đã gửi', 'Signed and sent'))
      }
      <span class="small"
        >${say('dự thảo lúc', 'drafted')}
        ${moment(createdAt)}${signedAt === null ? '' : html`, ${say('ký bởi', 'signed by')} ${actorWords(signedBy ?? '', say)}, ${moment(signedAt)}`}</span
      >
    </p>
    <p>
      ${file('docx', say('Tải bản Word (docx)', 'Word file (docx)'))} ·
      ${file('pdf', say('Tải bản PDF', 'PDF file'))}
      ${state === 'draft' ? '' : html`· ${file('da-ky', say('Tải bản đã ký', 'Signed file'))}`}
    </p>
    ${
      state === 'draft'
        ? html`<form method="post" action="/van-ban/${id}" enctype="multipart/form-data">
            ${csrfField(c)}
            <label for="file-${id}">${say('Tệp PDF đã ký số', 'Signed PDF')}</label>
            <input
              id="file-${id}"
              name="file"
              type="file"
              required
              accept=".pdf,application/pdf"
              aria-describedby="hint-${id}"
            />
            <p class="hint" id="hint-${id}">
              ${say(
                'Ghi số văn bản, ký số bằng chứng thư của cơ quan rồi đính kèm; hệ thống kiểm tra chữ ký trước khi gửi.',
                'Number it, sign it with the agency’s certificate and attach it; the signature is checked before it is sent.',
              )}
            </p>
            <button class="primary">${say('Kiểm tra chữ ký và gửi', 'Check and send')}</button>
          </form>`
        : ''
    }
  </article>`;
}

const FILES = {
  docx: ['docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  pdf: ['pdf', 'application/pdf'],
  'da-ky': ['signed', 'application/pdf'],
} as const;

export async function documentFile(c: Page, { db }: Inside, id: string, kind: string): Promise<Response> {
  const document = await db.transaction((tx) => documentById(tx.orm, id));
  if (document === null || !(kind in FILES)) return c.notFound();
  const [which, mediaType] = FILES[kind as keyof typeof FILES];
  const bytes = document[which];
  if (bytes === null) return c.notFound();
  const filename = `${nameOf(document)}${which === 'signed' ? '-da-ky' : ''}.${which === 'docx' ? 'docx' : 'pdf'}`;
  return c.body(new Uint8Array(bytes), 200, {
    'Content-Type': mediaType,
    'Content-Disposition': `attachment; filename="${filename}"`,
  });
}

/** Numbers are of our own making: ASCII. */
const nameOf = ({ purpose, dossier, order }: StoredDocument): string =>
  purpose === 'reply' ? `${dossier ?? ''}-phuc-dap` : `${order ?? ''}-cong-van`;

export async function documentSigned(c: Page, { desk, db }: Inside, id: string): Promise<Response> {
  const { say } = c.get('visit');
  const file = (await fieldsOf(c.get('form'))).upload('file');
  const account = me(c);
  const signed = await signDocument(id, file, { name: account.name, fullName: account.fullName }, desk);
  switch (signed.result) {
    case 'unknown':
      return c.notFound();
    case 'problems': {
      const document = (await db.transaction((tx) => documentById(tx.orm, id)))!;
      const body = html`${problemBox(signed.problems)}
        <section class="card">${documentView(c, document, 'h2')}</section>
        ${whereBack(document, say)}`;
      return c.html(shell(c, { title: say('Chưa nhận văn bản', 'Not accepted'), body }), 422);
    }
    case 'conflict': {
      const { document } = signed;
      const body = html`<p>
          ${say('Văn bản đã được ký bởi', 'It was signed by')} <strong>${document.signedBy}</strong>
          ${document.signedAt === null ? '' : html`${say('lúc', 'at')} ${moment(document.signedAt)}`}.
          ${say('Tệp vừa đính kèm không được gửi đi.', 'The file you attached was not sent.')}
        </p>
        ${whereBack(document, say)}`;
      return c.html(refusedPage(c, say('Văn bản đã được ký trước đó', 'Signed before'), body), 409);
    }
    case 'done': {
      const { document } = signed;
      const words =
        document.purpose === 'reply'
          ? say(
              'Chữ ký số hợp lệ. Văn bản phúc đáp và kết quả đã được chuyển gửi đến hộp thư của đơn vị.',
              'The signature is valid; reply and result are on their way to the unit.',
            )
          : say(
              'Chữ ký số hợp lệ. Công văn và danh sách đã được chuyển gửi đến cơ quan thực hiện.',
              'The signature is valid; letter and list are on their way to the executor.',
            );
      const body = html`${noteBox('good', words)} ${whereBack(document, say)}`;
      return c.html(shell(c, { title: say('Đã nhận văn bản đã ký', 'Accepted'), body }));
    }
  }
}

const whereBack = ({ dossier }: Pick<StoredDocument, 'dossier'>, say: Say): Markup =>
  html`<p>
    ${dossier === null ? '' : html`<a href="/ho-so/${dossier}">${say('Xem hồ sơ', 'See the dossier')} ${dossier}</a> ·`}
    <a href="/viec-khac">${say('Các việc khác', 'Other work')}</a>
  </p>`;
