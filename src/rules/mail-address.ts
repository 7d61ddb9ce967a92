/** True for a plain address as the registry keeps it: lower-case Latin letters, digits, dot, dash, underscore. */
export const isRegistryAddress = (text: string): boolean =>
  text.length <= 254 && /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(text);
