/** Characters of an API key's id. */
export const KEY_ID_LENGTH = 16;

/** An API key's id as a regular expression, without anchors. The id is public. */
export const KEY_ID = `[0-9A-Za-z]{${KEY_ID_LENGTH}}`;

const SHAPE = new RegExp(`^${KEY_ID}$`);

/** Whether a text can be the id of a key. A whole key cannot, nor can its secret. */
export const isKeyId = (text: string): boolean => SHAPE.test(text);
