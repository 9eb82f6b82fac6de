// Dependencies between fields: whose choices change with which other fields.

import { choicesOf, schemaAt } from "./form-schema.js";
import { at, isEqual, isWithin, items, member, members, replaceAt } from "./form-value.js";

/**
 * @typedef {import("./form-value.js").Json} Json
 * @typedef {import("./form-value.js").Members} Members
 *
 * @typedef {{ [pointer: string]: { dependsOn?: string[], waiting?: string } }} Choices for each dynamic
 *   field, by pointer, the fields it depends on; without that list it depends on all
 */

/**
 * @param {string} one
 * @param {string} other
 */
function touches(one, other) {
  return isWithin(one, other) || isWithin(other, one);
}

/**
 * @param {Choices} choices
 * @param {string} pointer
 * @returns {boolean} whether the choices of any field can change with this one
 */
export function decides(choices, pointer) {
  return Object.values(choices).some(({ dependsOn }) => !dependsOn || dependsOn.some((other) => touches(pointer, other)));
}

/**
 * @param {Choices} choices
 * @param {Set<string>} changed
 * @returns {Set<string>} the fields whose choices depend on these, directly or indirectly
 */
export function dependentsOf(choices, changed) {
  const found = new Set(changed);
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const [pointer, { dependsOn }] of Object.entries(choices)) {
      if (dependsOn?.some((other) => [...found].some((each) => touches(each, other)))) {
        found.add(pointer);
      }
    }
  }
  changed.forEach((pointer) => found.delete(pointer));
  return found;
}

/**
 * Removes values that are no longer available.
 *
 * @param {Members} schema
 * @param {Members} settings
 * @param {Set<string>} pointers the fields to check
 * @returns {{ settings: Members, dropped: string[] }}
 */
export function dropUnavailable(schema, settings, pointers) {
  /** @type {string[]} */
  const dropped = [];
  let left = settings;
  for (const pointer of pointers) {
    const value = at(settings, pointer);
    const of = schemaAt(schema, settings, pointer);
    if (value === undefined || !of) {
      continue;
    }
    const offered = choicesOf(Array.isArray(value) ? members(member(of, "items")) : of);
    const isOffered = (/** @type {Json} */ each) => offered.some((choice) => isEqual(choice.value, each));
    const stays = Array.isArray(value) ? items(value).filter(isOffered) : isOffered(value) ? value : undefined;
    if (!isEqual(stays, value)) {
      dropped.push(pointer);
      left = replaceAt(left, pointer, stays);
    }
  }
  return { settings: left, dropped };
}
