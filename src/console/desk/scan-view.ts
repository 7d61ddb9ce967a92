import { html } from 'hono/html';
import type { ExaminedDocument } from '../../evidence/port.ts';
import type { ListEntry } from '../../rules/mailbox-list.ts';
import type { ScanPage, ScanPlace, ScanReading, SealFact } from '../../rules/scan-facts.ts';
import type { StoredPicture } from '../../store/scans.ts';
import { moment, tag } from '../format.ts';
import type { Markup } from '../web.ts';
import type { Say } from '../words.ts';

export type Picture = Omit<StoredPicture, 'bytes'>;
export interface EnrolledSeal {
  readonly unit: string;
  readonly enrolledAt: Date;
  readonly enrolledBy: string;
}

export const pictureUrl = ({ letter, document, page, kind, number }: Picture): string =>
  `/ho-so/${letter}/hinh/${document}/${page}/${kind}/${number}`;

/** The scan as the officer decides on it: seals beside the enrolled one, then the pages, then what was measured. */
export function scanView(
  documents: readonly ExaminedDocument[],
  pictures: readonly Picture[],
  enrolled: EnrolledSeal | null,
  marks: readonly Mark[],
  say: Say,
): Markup | string {
  if (pictures.length === 0) return '';
  const seals = pictures.filter(({ kind }) => kind === 'seal');
  const strokes = pictures.filter(({ kind }) => kind === 'strokes');
  return html`<section class="card" aria-labelledby="scan">
    <h2 id="scan">${say('Bản quét', 'Scan')}</h2>
    <p class="small">
      ${say(
        'Máy chỉ nêu điều nhìn thấy trên hình; cán bộ đối chiếu chữ ký, con dấu và quyết định.',
        'The machine only says what is seen on the picture; the officer compares and decides.',
      )}
    </p>
    <div class="seals">
      ${enrolled === null ? '' : enrolledFigure(enrolled, say)}
      ${seals.map((picture) => crop(picture, say('Dấu trên bản quét', 'Seal on the scan'), say))}
      ${strokes.map((picture) => crop(picture, say('Nét mực gần dấu', 'Ink near the seal'), say))}
    </div>
    ${enrolled === null ? html`<p>${tag('plain', say('Đơn vị chưa đăng ký mẫu dấu', 'No seal of this unit is enrolled'))}</p>` : ''}
    ${documents.map((file) => measured(file, say))}
    <div class="pages">
      ${pictures.filter(({ kind }) => kind === 'page').map((picture) => pageFigure(picture, documents, marks, say))}
    </div>
  </section>`;
}

function enrolledFigure({ unit, enrolledAt, enrolledBy }: EnrolledSeal, say: Say): Markup {
  const alt = say('Mẫu dấu đã đăng ký của đơn vị', 'The enrolled seal of the unit');
  return html`<figure>
    <img src="/don-vi/${encodeURIComponent(unit)}/mau-dau" alt="${alt}" />
    <figcaption>${alt}<br />${enrolledBy}, ${moment(enrolledAt)}</figcaption>
  </figure>`;
}

function crop(picture: Picture, words: string, say: Say): Markup {
  const where = `${words}, ${say('trang', 'page')} ${picture.page}`;
  return html`<figure>
    <a href="${pictureUrl(picture)}"
      ><img src="${pictureUrl(picture)}" width="${picture.width}" height="${picture.height}" alt="${where}"
    /></a>
    <figcaption>${where}</figcaption>
  </figure>`;
}

/** Where a row of the list was found in a picture. */
export interface Mark {
  readonly row: string;
  readonly sure: boolean;
  readonly place: ScanPlace;
}

/** Every place in which a name or an address of the list was read. */
export function marksOf(entries: readonly ListEntry[], reading: ScanReading | null): readonly Mark[] {
  return (reading?.rows ?? []).flatMap(({ name, address }, i) =>
    [name, address].flatMap((cell) => {
      const row = entries[i]?.no ?? String(i + 1);
      return cell === null || cell.place === null
        ? []
        : [{ row, sure: cell.found === 'exact', place: cell.place }];
    }),
  );
}

/** Frames over a page's picture. A help for the eyes; the table says the same in words. */
function frames(picture: Picture, marks: readonly Mark[]): Markup | string {
  const here = marks.filter(
    ({ place }) => place.document === picture.document && place.page === picture.page,
  );
  if (here.length === 0) return '';
  const { width, height } = picture;
  return html`<svg class="marks" viewBox="0 0 ${width} ${height}" aria-hidden="true">
    ${here.map(
      ({ row, sure, place: { box } }) =>
        html`<rect
          class="${sure ? 'sure' : 'near'}"
          x="${box.x * width}"
          y="${box.y * height}"
          width="${box.width * width}"
          height="${box.height * height}"
        >
          <title>${row}</title>
        </rect>`,
    )}
  </svg>`;
}

function pageFigure(
  picture: Picture,
  documents: readonly ExaminedDocument[],
  marks: readonly Mark[],
  say: Say,
): Markup {
  const filename = documents.find(({ index }) => index === picture.document)?.filename ?? '';
  const words = `${filename}, ${say('trang', 'page')} ${picture.page}`;
  // A link to the picture in full size; with script it grows in place.
  return html`<figure>
    <a href="${pictureUrl(picture)}" data-zoom
      ><img
        src="${pictureUrl(picture)}"
        width="${picture.width}"
        height="${picture.height}"
        loading="lazy"
        alt="${words}"
      />${frames(picture, marks)}</a
    >
    <figcaption>${words} – ${say('bấm để phóng to', 'click to enlarge')}</figcaption>
  </figure>`;
}

function measured({ filename, scan }: ExaminedDocument, say: Say): Markup | string {
  if (scan === undefined) return '';
  return html`<details open>
    <summary>${filename}: ${say('điều máy nhìn thấy', 'what the machine sees')}</summary>
    <ul>
      ${scan.limit === null ? '' : html`<li>${tag('wait', say('Chưa xem hết tệp', 'Not wholly examined'))} <span class="small">${scan.limit}</span></li>`}
      ${scan.seenBefore.length === 0 ? '' : html`<li>${tag('wrong', say('Có hình giống hệt hình trong một thư trước', 'A picture is identical to one in an earlier letter'))}</li>`}
      ${scan.pages.map((page) => pageFacts(page, say))}
    </ul>
  </details>`;
}

function pageFacts(page: ScanPage, say: Say): Markup {
  const colour = {
    colour: say('quét màu', 'colour'),
    grey: say('thang xám, không thể có dấu đỏ', 'grey, no red seal possible'),
    bilevel: say('đen trắng, không thể có dấu đỏ', 'black and white, no red seal possible'),
  }[page.colour];
  const dpi = page.dpi === null ? '' : `, ${Math.round(page.dpi)} dpi`;
  return html`<li>
    ${say('Trang', 'Page')} ${page.page}:
    ${page.blank ? tag('wait', say('trang trắng – không kết luận', 'blank – nothing concluded')) : html`${colour}${dpi}`}
    ${page.dpi !== null && page.dpi < 200 ? tag('wait', say('dưới 200 dpi', 'below 200 dpi')) : ''}
    ${page.overlays.length === 0 ? '' : tag('wrong', say('có hình hoặc chữ đặt lên trên bản quét', 'something is laid over the scan'))}
    <ul>
      ${page.seals.length === 0 ? html`<li>${tag('wait', say('không thấy dấu tròn đỏ', 'no round red seal seen'))}</li>` : page.seals.map((seal) => html`<li>${sealFact(seal, say)}</li>`)}
      ${page.strokes.length === 0 ? html`<li>${tag('plain', say('không thấy nét mực gần dấu', 'no ink near a seal'))}</li>` : ''}
      ${page.strokes.map((stroke) => html`<li>${say('nét mực', 'ink')} ${stroke.colour === 'blue' ? say('xanh', 'blue') : say('đen', 'black')} ${Math.round(stroke.sizeMm)} mm${stroke.overSeal ? say(', chồng lên dấu', ', over the seal') : ''}</li>`)}
    </ul>
  </li>`;
}

function sealFact(seal: SealFact, say: Say): Markup {
  const words = {
    faint: say('mờ', 'faint'),
    cut: say('bị cắt', 'cut'),
    odd_size: say('kích thước lạ', 'odd size'),
    shape: say('không tròn đều', 'shape'),
    plain_inside: say('bên trong trống', 'plain inside'),
    scale_assumed: say('cỡ trang ước lượng', 'scale assumed'),
  };
  const why = seal.weaknesses.map((weakness) => words[weakness]).join(', ');
  return html`${tag(
    seal.grade === 'strong' ? 'good' : 'wait',
    seal.grade === 'strong'
      ? say('dấu tròn đỏ rõ', 'clear round red seal')
      : say('dấu tròn đỏ yếu', 'weak round red seal'),
  )}
  ${seal.diameterMm.toFixed(1)} mm${why === '' ? '' : html` (${why})`}`;
}
