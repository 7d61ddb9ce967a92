import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { readingByFont, readingLike, readingsBySyllables } from '../../src/rules/text/legacy.ts';
import { compareKey, foldKey, plain, tidy } from '../../src/rules/text/normalise.ts';
import { isSyllable, readsVietnamese } from '../../src/rules/text/syllables.ts';
import { fromTcvn3 } from '../../src/rules/text/tcvn3.ts';
import { fromViscii } from '../../src/rules/text/viscii.ts';
import { fromVni } from '../../src/rules/text/vni.ts';

const NAMES =
  'Nguyễn Văn An|Trần Thị Bình|Lê Đức Thọ|Phạm Thị Phượng|Hoàng Phủ Ngọc Tường|Đặng Thùy Trâm|Võ Nguyên Giáp|' +
  'Dương Chí Nguyên|Bùi Thị Xuân|Huỳnh Thúc Kháng|Lý Thường Kiệt|Quách Thị Ngọc Quỳnh|Đỗ Mỹ Duyên|Nghiêm Xuân Yêm|' +
  'Tôn Nữ Thị Ninh|Khổng Tử Quy|Giáp Thị Gìn|Trương Vĩnh Ký|Phan Đình Phùng|Vũ Khoan|Uông Chu Lưu|Ngô Bảo Châu';
const names = NAMES.split('|');

/** TCVN3 and VISCII as other software makes them. */
const asLatin1 = (text: string, encoding: string): string => iconv.encode(text, encoding).toString('latin1');

describe('normal forms', () => {
  it('drops what nobody meant and keeps what was written', () => {
    expect(tidy('\u200bNguyễn\u00a0 Văn\r\nAn\ufeff ')).toBe('Nguyễn Văn An');
    expect(tidy('Hòa'.normalize('NFD'))).toBe('Hòa');
  });

  it('maps đ before marks are stripped', () => {
    expect(plain('Đặng Đình ĐỨC')).toBe('dang dinh duc');
    expect(foldKey(' Họ & tên:\n(*) ')).toBe('ho va ten');
  });

  it.each([
    ['Hòa', 'Hoà'],
    ['Thủy', 'Thuỷ'],
    ['Nguyễn  Văn An', 'NGUYỄN VĂN AN'],
    ['Lý', 'Lí'],
    ['Quý', 'Quí'],
    ['Thị Mỹ', 'Thị Mĩ'],
    ['Nguyễn'.normalize('NFD'), 'Nguyễn'],
  ])('%s and %s are one name', (a, b) => {
    expect(compareKey(a)).toBe(compareKey(b));
  });

  it.each([
    ['An', 'Ân'],
    ['Tuấn', 'Tuân'],
    ['Đăng', 'Dăng'],
    ['Thúy', 'Thúi'],
    ['Thuỳ', 'Thủy'],
    ['Y', 'I'],
  ])('%s and %s are two', (a, b) => {
    expect(compareKey(a)).not.toBe(compareKey(b));
  });

  it('reaches a fixed point on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(tidy(tidy(text))).toBe(tidy(text));
        expect(foldKey(foldKey(text))).toBe(foldKey(text));
        expect(compareKey(tidy(text))).toBe(compareKey(text));
        expect(compareKey(text.normalize('NFD'))).toBe(compareKey(text.normalize('NFC')));
        expect(foldKey(text)).toMatch(/^(?:[a-z0-9]+(?: [a-z0-9]+)*)?$/u);
      }),
    );
  });
});

describe('syllables', () => {
  it.each(names)('%s reads Vietnamese', (name) => {
    for (const word of name.split(' ')) expect([word, isSyllable(word)]).toEqual([word, true]);
    expect(readsVietnamese(name.toUpperCase().normalize('NFD'))).toBe(true);
  });

  it.each('NguyÔn Traàn Leâ Voõ Haø Niê côt ngê qươn cí thấc'.split(' '))('%s is no syllable', (word) => {
    // "thấc" is one by sound; the others break a rule of onset, rime or tone.
    expect(isSyllable(word)).toBe(word === 'thấc');
  });
});

describe('legacy encodings', () => {
  it.each([
    ['TCVN3', 'NguyÔn V¨n An', 'Nguyễn Văn An'],
    ['TCVN3', 'Tr\u00adëng phßng', 'Trưởng phòng'],
    ['TCVN3', 'Lª ThÞ Ph\u00adîng', 'Lê Thị Phượng'],
    ['TCVN3', 'NGUYÔN V¨N AN', 'NGUYỄN VĂN AN'],
    ['TCVN3', '§ç V¨n §øc', 'Đỗ Văn Đức'],
    ['VNI', 'Nguyeãn Vaên An', 'Nguyễn Văn An'],
    ['VNI', 'Ñöôøng', 'Đường'],
    ['VNI', 'TRÖÔÛNG PHOØNG', 'TRƯỞNG PHÒNG'],
    ['VNI', 'Traàn Thò Phöôïng', 'Trần Thị Phượng'],
    ['VNI', 'Huyønh Thuùc Khaùng', 'Huỳnh Thúc Kháng'],
  ])('%s: %s is %s', (encoding, written, meant) => {
    expect(readingsBySyllables(written)).toEqual([{ encoding, text: meant, by: 'syllables' }]);
  });

  it.each(names)('%s comes back from TCVN3 and VISCII as iconv writes them', (name) => {
    expect(fromTcvn3(asLatin1(name, 'tcvn'))).toBe(name);
    expect(fromViscii(asLatin1(name, 'viscii'))).toBe(name);
    const written = asLatin1(name, 'tcvn');
    // "Vò Khoan" passes as Unicode; only its neighbours or its font can tell.
    if (name === 'Vũ Khoan') expect(readingLike(written, 'TCVN3')?.text).toBe(name);
    else expect(readingsBySyllables(written).map(({ text }) => text)).toContain(name);
  });

  it.each([...names, 'H’Hen Niê', 'Y Thịnh', 'K’ Brếp', 'Café', 'plain', 'Hà', ''])(
    '%s is Unicode and stays',
    (name) => {
      expect(readingsBySyllables(name)).toEqual([]);
      expect(readingsBySyllables(name.normalize('NFD'))).toEqual([]);
    },
  );

  it('believes the font of the run, not of the table', () => {
    const runs = [
      { text: 'NguyÔn V¨n ', font: '.VnTime' },
      { text: 'an', font: 'Times New Roman' },
    ];
    expect(readingByFont(runs)).toEqual({ encoding: 'TCVN3', text: 'Nguyễn Văn an', by: 'font' });
    expect(readingByFont([{ text: 'nguyÔn v¨n an', font: '.VnTimeH' }])?.text).toBe('NGUYỄN VĂN AN');
    expect(readingByFont([{ text: 'Thò', font: 'VNI-Times' }])?.text).toBe('Thị');
    expect(readingByFont([{ text: 'Nguyễn Văn An', font: '.VnTime' }])).toBeNull();
    expect(readingByFont([{ text: 'Van An', font: 'VNI-Times' }])).toBeNull();
  });

  it('reads doubtful text like its neighbours', () => {
    expect(readingsBySyllables('Thò')).toEqual([]);
    expect(readingLike('Thò', 'VNI')?.text).toBe('Thị');
    expect(readingLike('An', 'VNI')).toBeNull();
  });

  it('never throws and never invents on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const reading of readingsBySyllables(text)) expect(readsVietnamese(reading.text)).toBe(true);
        fromVni(text);
        fromTcvn3(text);
        readingByFont([{ text, font: '.VnTime' }]);
      }),
    );
  });
});
