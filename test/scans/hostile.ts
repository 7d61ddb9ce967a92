import { deflateSync } from 'node:zlib';
import { pdfOf, stream } from './scan-pdf.ts';

/** PDF files of evidence.md "Hostile PDFs": small to send, without end to open. */
const page = (box: string, content: number, resources: string): string =>
  `<< /Type /Page /Parent 2 0 R /MediaBox [${box}] /Contents ${content} 0 R /Resources << ${resources} >> >>`;

export const HOSTILE: Readonly<Record<string, () => Buffer>> = {
  /** Twenty forms, each drawing the next one ten times: 10²⁰ paintings. */
  'nested forms': () => {
    const forms = Array.from({ length: 20 }, (_, n) =>
      stream(
        `/Type /XObject /Subtype /Form /BBox [0 0 600 800] ${n < 19 ? `/Resources << /XObject << /F ${6 + n} 0 R >> >>` : ''}`,
        n < 19 ? '/F Do '.repeat(10) : '0 0 1 1 re f',
      ),
    );
    return pdfOf([page('0 0 595 842', 4, '/XObject << /F 5 0 R >>'), stream('', '/F Do'), ...forms], [3]);
  },
  /** A content stream that inflates to 600 MB of operators. */
  'inflating content': () => {
    const once = deflateSync(Buffer.from('0 0 1 1 re f\n'.repeat(5_000_000)), { level: 9 });
    const twice = deflateSync(once, { level: 9 });
    const filters = '/Filter [/FlateDecode /FlateDecode]';
    return pdfOf([page('0 0 595 842', 4, ''), stream(filters, twice)], [3]);
  },
  /** Fifty thousand pages of one object. */
  'many pages': () =>
    pdfOf([page('0 0 595 842', 4, ''), stream('', '0 0 100 100 re f')], Array<number>(50_000).fill(3)),
  'endless page': () => pdfOf([page('0 0 1 14400000', 4, ''), stream('', '0 0 1 1 re f')], [3]),
  'huge picture': () =>
    pdfOf(
      [
        page('0 0 595 842', 4, '/XObject << /I 5 0 R >>'),
        stream('', 'q 595 0 0 842 0 0 cm /I Do Q'),
        stream(
          '/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode',
          deflateSync(Buffer.alloc(1_000_000)),
        ),
      ],
      [3],
    ),
  'pages that contain each other': () =>
    pdfOf(['<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 9 /Parent 2 0 R >>'], [3], 9),
  'cut in the middle': () => HOSTILE['many pages']!().subarray(0, 4000),
};
