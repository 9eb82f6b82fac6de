// Nested fields: objects, and choices with fields of their own.

import { choice, wayOf } from "./form-choice.js";
import { Frame, arrange, controlOf, element } from "./form-field.js";
import { check, secret, typed } from "./form-input.js";
import { list } from "./form-list.js";
import { choicesOf, fieldsOf, kindOf, tagOf, titleOf } from "./form-schema.js";
import { several } from "./form-several.js";
import { isEqual, items, member, members, within } from "./form-value.js";

/**
 * @typedef {import("./form-value.js").Value} Value
 * @typedef {import("./form-value.js").Json} Json
 * @typedef {import("./form-value.js").Members} Members
 * @typedef {import("./form-field.js").Control} Control
 * @typedef {import("./form-field.js").Context} Context
 * @typedef {import("./form-field.js").Place} Place
 */

/**
 * Creates a field of any kind.
 *
 * @param {Context} context
 * @param {Place} place
 * @param {Members} schema
 * @param {Value} value
 * @returns {Control}
 */
function field(context, place, schema, value) {
  switch (kindOf(schema, place.depth)) {
    case "object":
      return nested(context, place, schema, value);
    case "branches":
      return branches(context, place, schema, value);
    case "choice":
      return choice(context, place, schema, value);
    case "several":
      return several(context, place, schema, value);
    case "list":
      return list(context, place, schema, value);
    case "check":
      return check(context, place, schema, value);
    case "secret":
      return secret(context, place, schema);
    default:
      return typed(context, place, schema, value);
  }
}

/**
 * @param {Context} context
 * @param {string} pointer
 * @param {Members} schema
 * @param {number} depth
 * @returns {string} a key; fields with the same key can be updated in place
 */
function shapeOf(context, pointer, schema, depth) {
  const kind = kindOf(schema, depth);
  const way = kind === "choice" ? wayOf(schema, context.isDynamic(pointer)) : "";
  const ofItems = member(members(member(schema, "items")), "type");
  return [kind, member(schema, "type"), way, member(schema, "x-widget"), ofItems].join(" ");
}

/**
 * Creates the fields of an object, without a frame.
 *
 * @param {Context} context
 * @param {Omit<Place, "isRequired">} place
 * @param {Members} schema
 * @param {Value} value
 * @returns {Control}
 */
export function fields(context, place, schema, value) {
  const plain = element("div", { class: "form__fields" });
  const advanced = element("div", { class: "form__fields" });
  const more = element("details", { class: "advanced" }, element("summary", {}, "More settings"), advanced);
  const whole = element("div", { class: "form__object" });
  /** @type {Map<string, { shape: string, control: Control, isAdvanced: boolean }>} */
  let drawn = new Map();
  /** @type {Map<string, Json>} */
  let undrawn = new Map();

  /** @type {Control} */
  const control = {
    pointer: place.pointer,
    kind: "object",
    element: whole,
    isShort: false,
    parts: () => [...drawn.values()].map((each) => each.control),
    value() {
      const found = [...drawn].flatMap(([name, each]) => {
        const set = each.control.value();
        return set === undefined ? [] : [/** @type {[string, Json]} */ ([name, set])];
      });
      return Object.fromEntries([...undrawn, ...found]);
    },
    show(next, wanted) {
      /** @type {typeof drawn} */
      const fresh = new Map();
      undrawn = new Map();
      for (const { name, schema: of, isRequired, isAdvanced } of fieldsOf(next)) {
        const pointer = within(place.pointer, name);
        const set = member(wanted, name) ?? member(of, "default");
        const shape = `${shapeOf(context, pointer, of, place.depth + 1)} ${isRequired}`;
        const before = drawn.get(name);
        if (kindOf(of) === "tag") {
          undrawn.set(name, member(of, "const") ?? null);
        } else if (before?.shape === shape) {
          before.control.show(of, set);
          fresh.set(name, { ...before, isAdvanced });
        } else if (context.hasRoom()) {
          const hadFocus = before?.control.element.contains(document.activeElement);
          const made = field(context, { pointer, isRequired, depth: place.depth + 1 }, of, set);
          fresh.set(name, { shape, control: made, isAdvanced });
          before?.control.element.replaceWith(made.element);
          if (hadFocus) {
            made.focus(pointer);
          }
        } else if (set !== undefined) {
          undrawn.set(name, set);
        }
      }
      drawn = fresh;
      const all = [...drawn.values()];
      arrangeInPairs(plain, all.filter((each) => !each.isAdvanced));
      arrangeInPairs(advanced, all.filter((each) => each.isAdvanced));
      arrange(whole, advanced.children.length > 0 ? [plain, more] : [plain]);
    },
    showErrors() {},
    wait() {},
    focus: (pointer) => control.parts()[0]?.focus(pointer),
  };
  control.show(schema, value);
  return control;
}

/**
 * Arranges short fields in pairs, side by side.
 *
 * @param {Element} into
 * @param {{ control: Control }[]} all
 */
function arrangeInPairs(into, all) {
  arrange(into, all.map(({ control }) => control.element));
  for (let index = 0; index < all.length; index += 1) {
    const [one, other] = [all[index]?.control, all[index + 1]?.control];
    const isPair = Boolean(one?.isShort && other?.isShort);
    one?.element.classList.toggle("field--half", isPair);
    if (isPair) {
      other?.element.classList.add("field--half");
      index += 1;
    }
  }
}

/**
 * Creates a framed object within an object.
 *
 * @param {Context} context
 * @param {Place} place
 * @param {Members} schema
 * @param {Value} value
 * @returns {Control}
 */
function nested(context, place, schema, value) {
  const frame = new Frame(context, { ...place, isRequired: false }, "group");
  const inner = fields(context, place, schema, value);
  frame.body.classList.add("branch");
  frame.body.append(inner.element);
  // Its help comes before its fields, which have help of their own.
  frame.element.insertBefore(frame.hint, frame.body);
  /** @type {Control} */
  const control = {
    ...inner,
    element: frame.element,
    show(next, wanted) {
      inner.show(next, wanted);
      frame.show(next);
    },
    showErrors: (errors) => frame.showErrors(errors),
    wait: (isBusy) => frame.wait(isBusy),
  };
  frame.show(schema);
  return control;
}

/**
 * Creates a choice whose values have fields of their own.
 *
 * @param {Context} context
 * @param {Place} place
 * @param {Members} schema
 * @param {Value} value
 * @returns {Control}
 */
function branches(context, place, schema, value) {
  const frame = new Frame(context, place, "group");
  const body = element("div", { class: "branch" });
  /** @type {Map<string, Control>} the fields of earlier choices, which keep their values */
  const visited = new Map();
  /** @type {Control | null} */
  let inner = null;

  const all = () => items(member(schema, "oneOf")).map(members);
  /** @param {Value} tag */
  const branchOf = (tag) => all().find((branch) => isEqual(tagOf(branch)?.value, tag));
  const tagName = () => tagOf(all()[0] ?? {})?.name ?? "";
  const tagSchema = () => ({
    title: titleOf(schema),
    oneOf: choicesOf(schema).map(({ value: constant, title, description }) => ({ const: constant, title, description })),
    "x-widget": "select",
  });
  const tag = choice(context, { ...place, pointer: within(place.pointer, tagName()) }, tagSchema(), member(value, tagName()), () => {
    draw(undefined);
  });
  // The legend is the visible label.
  tag.element.querySelector("label")?.classList.add("sr");
  frame.body.append(tag.element, body);

  /** @param {Value} wanted undefined keeps earlier values */
  function draw(wanted) {
    const chosen = tag.value();
    const branch = branchOf(chosen);
    const key = JSON.stringify(chosen);
    const known = visited.get(key);
    if (!branch) {
      inner = null;
    } else if (known) {
      inner = known;
      inner.show(branch, wanted ?? inner.value());
    } else {
      inner = fields(context, place, branch, wanted);
      visited.set(key, inner);
    }
    arrange(body, inner ? [inner.element] : []);
    body.hidden = !inner || inner.parts().length === 0;
  }

  const control = controlOf(frame, "branches", {
    parts: () => [tag, ...(inner?.parts() ?? [])],
    value() {
      const chosen = tag.value();
      return chosen === undefined ? undefined : inner?.value() ?? { [tagName()]: chosen };
    },
    show(next, wanted) {
      schema = next;
      tag.show(tagSchema(), member(wanted, tagName()));
      draw(wanted);
      frame.show(schema);
    },
    focus: (pointer) => tag.focus(pointer),
  });
  draw(value);
  frame.show(schema);
  return control;
}
