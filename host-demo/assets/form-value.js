// JSON values, and JSON Pointers to their parts.

/** @typedef {null | boolean | number | string | List | Members} Json */
/** @typedef {ReadonlyArray<Json>} List */
/** @typedef {{ [name: string]: Json }} Members */

/**
 * @typedef {Json | undefined} Value a value, or undefined if nothing is set
 * @typedef {{ path: string, message: string }} FieldError
 */

const MAX_SHOWN = 200;

/**
 * @param {Value} value
 * @returns {Members} the members of an object; empty for other values
 */
export function members(value) {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? /** @type {Members} */ (value) : {};
}

/**
 * @param {Value} value
 * @param {string} name
 * @returns {Value} an own member, so that a name such as `__proto__` finds nothing inherited
 */
export function member(value, name) {
  const all = members(value);
  return Object.hasOwn(all, name) ? all[name] : undefined;
}

/**
 * @param {Value} value
 * @returns {List} the items of a list; empty for other values
 */
export function items(value) {
  return Array.isArray(value) ? value : [];
}

/**
 * @param {Value} value
 * @returns {string} the value as text for users
 */
export function displayText(value) {
  return (typeof value === "string" ? value : JSON.stringify(value) ?? "").slice(0, MAX_SHOWN);
}

/**
 * @param {Value} one
 * @param {Value} other
 * @returns {boolean}
 */
export function isEqual(one, other) {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/**
 * @param {string} pointer
 * @param {string} name
 * @returns {string} the JSON Pointer of a member
 */
export function within(pointer, name) {
  return `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/**
 * @param {string} pointer
 * @returns {string[]} the unescaped names
 */
export function namesOf(pointer) {
  const parts = pointer.split("/").slice(1);
  return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/**
 * @param {string} pointer
 * @param {string} other
 * @returns {boolean} whether `pointer` is `other` or a part of it
 */
export function isWithin(pointer, other) {
  return pointer === other || pointer.startsWith(`${other}/`);
}

/**
 * @param {Value} settings
 * @param {string} pointer
 * @returns {Value}
 */
export function at(settings, pointer) {
  /** @type {Value} */
  let found = settings;
  for (const name of namesOf(pointer)) {
    found = Array.isArray(found) ? found[Number(name)] : member(found, name);
  }
  return found;
}

/**
 * Merges a response with changes made since its request.
 *
 * @param {Value} asked
 * @param {Value} answered
 * @param {Value} present
 * @returns {Value}
 */
export function merged(asked, answered, present) {
  if (isEqual(asked, present)) {
    return answered;
  }
  const sides = [asked, answered, present].map(members);
  if ([answered, present].some((side) => typeof side !== "object" || side === null || Array.isArray(side))) {
    return present;
  }
  const names = new Set(sides.flatMap(Object.keys));
  /** @type {[string, Json][]} */
  const whole = [];
  for (const name of names) {
    const value = merged(member(asked, name), member(answered, name), member(present, name));
    if (value !== undefined) {
      whole.push([name, value]);
    }
  }
  return Object.fromEntries(whole);
}

/**
 * @param {Members} settings
 * @param {string} pointer
 * @param {Json | undefined} value the new value; undefined removes the old one
 * @returns {Members} the settings with the new value
 */
export function replaceAt(settings, pointer, value) {
  const [name = "", ...rest] = namesOf(pointer);
  const deeper = rest.reduce(within, "");
  const inner = deeper ? replaceAt(members(member(settings, name)), deeper, value) : value;
  const others = Object.entries(settings).filter(([other]) => other !== name);
  return Object.fromEntries(inner === undefined ? others : [...others, [name, inner]]);
}
