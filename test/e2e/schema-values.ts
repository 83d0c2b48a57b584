import fc from 'fast-check';
import { z } from 'zod';

/** What fits a schema, and what nearly does. The rest of a request is made the same way. */
interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Values of a schema's shape, with strings of these at their leaves; in one of five places something else altogether. */
export function valuesOf(schema: z.ZodType, strings: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  // What the check of a request transforms or refines beyond the shape is its own to refuse.
  const shape: JsonSchema = JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })));
  return perhapsWrong(shape, strings);
}

function perhapsWrong(schema: JsonSchema, strings: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: fitting(schema, strings), weight: 9 }, { arbitrary: fc.jsonValue({ maxDepth: 2 }), weight: 1 });
}

function fitting(schema: JsonSchema, strings: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => perhapsWrong(choice, strings)));
  switch (schema.type) {
    case 'object':
      return objects(schema, strings);
    case 'array':
      return fc.array(perhapsWrong(schema.items ?? {}, strings), { minLength: schema.minItems ?? 0, maxLength: 5 });
    case 'integer':
    case 'number':
      return numbers(schema);
    case 'string':
      return strings;
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function numbers({ minimum = 0, maximum = 1_000 }: JsonSchema): fc.Arbitrary<number> {
  const few = fc.integer({ min: minimum, max: Math.min(maximum, minimum + 3) });
  return fc.oneof({ arbitrary: few, weight: 6 }, fc.integer(), fc.double(), fc.constantFrom(minimum, maximum, minimum - 1, maximum + 1));
}

function objects(
  { properties = {}, required = [], additionalProperties }: JsonSchema,
  strings: fc.Arbitrary<string>,
): fc.Arbitrary<unknown> {
  const known = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, perhapsWrong(schema, strings)]));
  const fixed = fc.record(known, { requiredKeys: [...required] });
  if (typeof additionalProperties !== 'object') return fixed;
  return fc.dictionary(strings, perhapsWrong(additionalProperties, strings), { maxKeys: 5 });
}
