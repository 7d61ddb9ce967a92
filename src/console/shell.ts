import { html } from 'hono/html';
import { may, type Right } from '../rules/accounts.ts';
import type { Markup, Page } from './web.ts';
import type { Say } from './words.ts';

interface Place {
  readonly path: string;
  readonly right: Right;
  readonly name: (say: Say) => string;
}

/** The console's main pages in the order of the day's work. */
const PLACES: readonly Place[] = [
  { path: '/ho-so', right: 'desk', name: (say) => say('Hồ sơ chờ xử lý', 'Inbox') },
  { path: '/van-ban-giay', right: 'desk', name: (say) => say('Nhập văn bản giấy', 'Paper request') },
  { path: '/viec-khac', right: 'desk', name: (say) => say('Việc khác', 'Other work') },
  { path: '/don-vi', right: 'registry', name: (say) => say('Sổ đăng ký đơn vị', 'Units') },
  { path: '/nhat-ky', right: 'log', name: (say) => say('Tra cứu nhật ký', 'Mail log') },
  { path: '/nhat-ky/thang', right: 'log', name: (say) => say('Tổng hợp tháng', 'Month') },
  { path: '/nhat-ky/kiem-chung', right: 'log', name: (say) => say('Kiểm chứng', 'Verification') },
  { path: '/nhat-ky/ket-xuat', right: 'log', name: (say) => say('Kết xuất', 'Export') },
  { path: '/nhat-ky/luu-tru', right: 'log', name: (say) => say('Thời hạn lưu', 'Retention') },
  { path: '/nhat-ky/truy-cap', right: 'log', name: (say) => say('Lượt tra cứu', 'Accesses') },
];

/** The first page of a role. */
export const homeOf = (can: (right: Right) => boolean): string =>
  PLACES.find(({ right }) => can(right))?.path ?? '/tai-khoan';

export interface Sheet {
  readonly title: string;
  readonly body: Markup | readonly Markup[];
  /** Wide pages (tables beside pictures) use the whole screen. */
  readonly wide?: boolean;
}

/** A whole page of the console with its head, navigation and foot. */
export function shell(c: Page, { title, body, wide = false }: Sheet): Markup {
  const { language, say, known } = c.get('visit');
  const main = html`<main id="main" tabindex="-1" class="${wide ? 'wide' : ''}">
    <h1>${title}</h1>
    ${body}
  </main>`;
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} – ${say('Cổng thư', 'Congthu')}</title>
        <link rel="stylesheet" href="/tai-nguyen/console.css" />
        <script src="/tai-nguyen/desk.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">${say('Đến nội dung chính', 'Skip to content')}</a>
        <header class="top">
          <a class="brand" href="/"
            ><strong>${say('Cổng thư', 'Congthu')}</strong
            ><span>${say('Tiếp nhận đề nghị hộp thư công vụ', 'Official mailbox requests')}</span></a
          >
          ${known === null ? '' : visitor(c)}
        </header>
        ${known === null ? '' : navigation(c)} ${main}
        <footer>
          <span
            >${say('Mọi thao tác đều được ghi vào nhật ký thư.', 'Every action is recorded in the mail log.')}</span
          >
          <a href="${otherLanguage(c)}" lang="${language === 'vi' ? 'en' : 'vi'}"
            >${language === 'vi' ? 'English' : 'Tiếng Việt'}</a
          >
        </footer>
      </body>
    </html>`;
}

function otherLanguage(c: Page): string {
  const url = new URL(c.req.url);
  if (c.req.method !== 'GET') return `/?lang=${c.get('visit').language === 'vi' ? 'en' : 'vi'}`;
  url.searchParams.set('lang', c.get('visit').language === 'vi' ? 'en' : 'vi');
  return url.pathname + url.search;
}

function navigation(c: Page): Markup {
  const { say, known } = c.get('visit');
  const open = PLACES.filter(({ right }) => may(known!.account.role, right));
  // The longest path that the page stands under is the place one is at.
  const at = open
    .filter(({ path }) => c.req.path === path || c.req.path.startsWith(`${path}/`))
    .toSorted((a, b) => b.path.length - a.path.length)[0];
  return html`<nav class="places" aria-label="${say('Chức năng', 'Sections')}">
    <ul>
      ${open.map(
        (place) =>
          html`<li>
            <a href="${place.path}" ${place === at ? html`aria-current="page"` : ''}>${place.name(say)}</a>
          </li>`,
      )}
    </ul>
  </nav>`;
}

function visitor(c: Page): Markup {
  const { say, known } = c.get('visit');
  const { account } = known!;
  return html`<div class="visitor">
    <a href="/tai-khoan">${account.fullName} <span class="role">– ${roleName(account.role, say)}</span></a>
    <form method="post" action="/dang-xuat">
      ${csrfField(c)}<button class="quiet">${say('Đăng xuất', 'Log out')}</button>
    </form>
  </div>`;
}

export function roleName(role: 'officer' | 'auditor' | 'admin', say: Say): string {
  const names = {
    officer: say('cán bộ xử lý', 'officer'),
    auditor: say('kiểm toán', 'auditor'),
    admin: say('quản trị', 'administrator'),
  };
  return names[role];
}

export const csrfField = (c: Page): Markup =>
  html`<input type="hidden" name="csrf" value="${c.get('visit').csrf}" />`;

/**
 * Problems of a form: told first, read out by a screen reader, and where the focus stands when the page comes back
 * (`autofocus` needs no script). `onwards` leads past what lies between them and the form.
 */
export const problemBox = (problems: readonly string[], onwards: Markup | string = ''): Markup | string =>
  problems.length === 0
    ? ''
    : html`<div class="note wrong" role="alert" tabindex="-1" autofocus>
        <ul>
          ${problems.map((text) => html`<li>${text}</li>`)}
        </ul>
        ${onwards}
      </div>`;

export const noteBox = (kind: 'good' | 'wait' | 'wrong' | 'plain', body: Markup | string): Markup =>
  html`<div class="note ${kind}" role="${kind === 'wrong' ? 'alert' : 'status'}">${body}</div>`;

/** A page that says no, in the frame of the console. */
export const refusedPage = (c: Page, title: string, body: Markup): Markup =>
  shell(c, { title, body: html`<div class="note wrong" role="alert" tabindex="-1" autofocus>${body}</div>` });
