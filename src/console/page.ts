import { html, raw } from 'hono/html';

/** A whole page; `body` is markup of ours in which every value has been escaped. */
export function page(title: string, body: string) {
  return html`<!doctype html>
    <html lang="vi">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="stylesheet" href="/tai-nguyen/console.css" />
      </head>
      <body class="public">
        <main>
          <h1>${title}</h1>
          ${raw(body)}
        </main>
      </body>
    </html>`;
}
