// Reads schemas. A schema comes from an untrusted library: every member is checked, texts are
// limited, and its patterns are never run.

import { at, displayText, isEqual, items, member, members, namesOf, within } from "./form-value.js";

/**
 * @typedef {import("./form-value.js").Json} Json
 * @typedef {import("./form-value.js").Value} Value
 * @typedef {import("./form-value.js").Members} Members
 * @typedef {{ value: Json, title: string, description: string }} Choice
 * @typedef {"object" | "branches" | "choice" | "several" | "list" | "check" | "number" | "day" | "time" | "secret" | "text" | "json" | "tag"} Kind
 */

/** The maximum nesting; schemas may have three levels, and deeper values are edited as JSON. */
const MAX_DEPTH = 6;
const MAX_TITLE = 200;
const MAX_DESCRIPTION = 2000;
const MAX_CHOICES = 10_000;

/**
 * @param {Value} value
 * @param {number} most characters
 * @returns {string}
 */
function text(value, most) {
  return typeof value === "string" ? value.slice(0, most) : "";
}

/** @param {Members} schema */
export function titleOf(schema) {
  return text(member(schema, "title"), MAX_TITLE);
}

/** @param {Members} schema */
export function descriptionOf(schema) {
  return text(member(schema, "description"), MAX_DESCRIPTION);
}

/** @param {Members} schema */
export function unitOf(schema) {
  return text(member(schema, "x-unit"), 40);
}

/**
 * @param {Members} schema
 * @returns {Kind} the kind of field to draw; a schema that no field supports is edited as JSON
 */
export function kindOf(schema, depth = 0) {
  if (member(schema, "const") !== undefined) {
    return "tag";
  }
  const branches = items(member(schema, "oneOf"));
  if (branches.length > 0) {
    if (branches.every((branch) => member(branch, "const") !== undefined)) {
      return "choice";
    }
    return depth < MAX_DEPTH && branches.every((branch) => tagOf(branch)) ? "branches" : "json";
  }
  if (Array.isArray(member(schema, "enum"))) {
    return "choice";
  }
  switch (member(schema, "type")) {
    case "object":
      return depth < MAX_DEPTH ? "object" : "json";
    case "array":
      return kindOfList(members(member(schema, "items")));
    case "boolean":
      return "check";
    case "integer":
    case "number":
      return "number";
    case "string":
      return kindOfText(schema);
    default:
      return "json";
  }
}

/**
 * @param {Members} schema of the items
 * @returns {Kind}
 */
function kindOfList(schema) {
  switch (kindOf(schema)) {
    case "choice":
      return "several";
    case "text":
    case "number":
    case "day":
      return "list";
    default:
      return "json";
  }
}

/**
 * @param {Members} schema
 * @returns {Kind}
 */
function kindOfText(schema) {
  if (member(schema, "writeOnly") === true) {
    return "secret";
  }
  switch (member(schema, "format")) {
    case "date":
      return "day";
    case "date-time":
      return "time";
    default:
      return "text";
  }
}

/**
 * @param {Json} branch of a `oneOf` of objects
 * @returns {{ name: string, value: Json } | null} the one constant member, which identifies the branch
 */
export function tagOf(branch) {
  const found = Object.entries(members(member(branch, "properties"))).flatMap(([name, field]) => {
    const value = member(field, "const");
    return value === undefined ? [] : [{ name, value }];
  });
  return found.length === 1 && found[0] ? found[0] : null;
}

/**
 * @param {Members} schema
 * @returns {Choice[]} the choices of a field
 */
export function choicesOf(schema) {
  const branches = items(member(schema, "oneOf")).slice(0, MAX_CHOICES);
  if (branches.length > 0) {
    return branches.flatMap((branch) => {
      const value = member(branch, "const") ?? tagOf(branch)?.value;
      if (value === undefined) {
        return [];
      }
      const title = titleOf(members(branch)) || displayText(value);
      const description = descriptionOf(members(branch));
      // A description that only repeats the title is left out.
      return [{ value, title, description: description.replace(/\.$/, "") === title ? "" : description }];
    });
  }
  const values = items(member(schema, "enum")).slice(0, MAX_CHOICES);
  return values.map((value) => ({ value, title: displayText(value), description: "" }));
}

/**
 * @param {Members} schema of an object
 * @returns {{ name: string, schema: Members, isRequired: boolean, isAdvanced: boolean }[]} its fields in display order
 */
export function fieldsOf(schema) {
  const required = items(member(schema, "required"));
  const fields = Object.entries(members(member(schema, "properties"))).map(([name, each]) => ({
    name,
    schema: members(each),
    isRequired: required.includes(name),
    isAdvanced: member(each, "x-advanced") === true,
  }));
  /** @param {Members} field */
  const order = (field) => {
    const place = member(field, "x-order");
    return typeof place === "number" ? place : Number.MAX_SAFE_INTEGER;
  };
  return fields.sort((one, other) => order(one.schema) - order(other.schema));
}

/**
 * @param {Members} schema
 * @param {Json} settings determine the chosen branches
 * @param {string} pointer
 * @returns {Members | null}
 */
export function schemaAt(schema, settings, pointer) {
  /** @type {Members} */
  let found = schema;
  let path = "";
  for (const name of namesOf(pointer)) {
    const value = at(settings, path);
    const isMeant = (/** @type {Json} */ branch) =>
      Object.entries(members(member(branch, "properties"))).some(
        ([name, field]) => member(field, "const") !== undefined && isEqual(member(field, "const"), member(value, name)),
      );
    const branches = items(member(found, "oneOf"));
    const object = branches.length > 0 ? members(branches.find(isMeant)) : found;
    const next = member(member(object, "properties"), name);
    if (next === undefined) {
      return null;
    }
    // The tag of a branch is chosen in the field of the choice, and has its title.
    found = member(next, "const") === undefined ? members(next) : found;
    path = within(path, name);
  }
  return found;
}
