/**
 * VISCII (RFC 1456) as it looks when its bytes were taken for Latin-1; six capitals sit on control codes.
 * Check by hand: "Nguy\u00ean V\u00e5n" (bytes EA, E5) is "Nguyên Văn".
 */
const UPPER_HALF =
  'ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ';
const CONTROLS: Readonly<Record<number, string>> = {
  0x02: 'Ẳ',
  0x05: 'Ẵ',
  0x06: 'Ẫ',
  0x14: 'Ỷ',
  0x19: 'Ỹ',
  0x1e: 'Ỵ',
};

/** Text in Unicode; every code of the upper half is a letter, so nothing is refused. */
export function fromViscii(text: string): string {
  return Array.from(text)
    .map((char) => {
      const code = char.charCodeAt(0);
      return code < 0x80 ? (CONTROLS[code] ?? char) : (UPPER_HALF[code - 0x80] ?? char);
    })
    .join('');
}
