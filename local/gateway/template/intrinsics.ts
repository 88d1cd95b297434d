import { ACCOUNT, REGION } from "../../events/arn.ts";
import { StackError } from "../stack-error.ts";
import { attributeOf, type Declared, nameOf, namePropertyOf, referenceTo } from "./resource-names.ts";

type Parameters = Readonly<Record<string, unknown>>;
type Json = Readonly<Record<string, unknown>>;

/** A parameter as a template declares it. */
interface Declaration {
  readonly Type?: unknown;
  readonly Default?: unknown;
}

/** The value of a parameter: a list for the types of lists, as CloudFormation reads them. */
const givenValue = (value: unknown, type: unknown) =>
  type === "CommaDelimitedList" ? String(value ?? "").split(",") : value;

/** The value of `AWS::NoValue`: a member or an item with it is left out. */
const NO_VALUE = Symbol("AWS::NoValue");

/** The values of pseudo parameters on this machine. */
const PSEUDO: Json = {
  "AWS::Region": REGION,
  "AWS::AccountId": ACCOUNT,
  "AWS::Partition": "aws",
  "AWS::URLSuffix": "amazonaws.com",
  "AWS::NoValue": NO_VALUE,
};

/**
 * Resolves the intrinsic functions of a template: `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::If`, `Fn::Equals`, `Fn::Not`,
 * `Fn::And`, `Fn::Or`, `Fn::Join`, and conditions by name. For a table, queue, bus or log group, `Ref` and `Fn::GetAtt`
 * give what they give on AWS; for any other resource, the logical id and `Id.Attribute`. `Fn::ImportValue` gives the
 * name of the export.
 *
 * @throws {StackError} for a function that is not supported, or an unknown name
 */
export class Resolver {
  readonly #parameters: Parameters;
  readonly #conditions: Json;
  readonly #resources: Readonly<Record<string, { readonly Type?: unknown; readonly Properties?: Json }>>;
  readonly #stackName: string;

  constructor(template: Json, overrides: Readonly<Record<string, string>>, stackName = "local") {
    const declared = Object.entries((template.Parameters ?? {}) as Record<string, Declaration>);
    this.#parameters = Object.fromEntries(
      declared.map(([name, { Type, Default }]) => [name, givenValue(overrides[name] ?? Default, Type)]),
    );
    const unknown = Object.keys(overrides).find((name) => !Object.hasOwn(this.#parameters, name));
    if (unknown !== undefined) throw new StackError(`The template has no parameter ${unknown}.`);
    this.#conditions = (template.Conditions ?? {}) as Json;
    this.#resources = (template.Resources ?? {}) as Record<string, { Type?: unknown; Properties?: Json }>;
    this.#stackName = stackName;
  }

  /** Whether a condition of the template holds. */
  condition(name: string): boolean {
    if (!Object.hasOwn(this.#conditions, name)) throw new StackError(`The template has no condition ${name}.`);
    return this.resolve(this.#conditions[name]) === true;
  }

  /** The name of a resource: the template's own, or one of the stack's name and the logical id. */
  nameOf(id: string): string {
    const resource = this.#declared(id);
    return resource ? nameOf(resource) : id;
  }

  /** A value of the template with its intrinsic functions resolved. */
  resolve(value: unknown): unknown {
    const resolved = this.#walk(value);
    return resolved === NO_VALUE ? undefined : resolved;
  }

  #walk(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#walk(item)).filter((item) => item !== NO_VALUE);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value);
    const [[name, argument] = ["", undefined]] = entries;
    if (entries.length === 1 && (name === "Ref" || name === "Condition" || name.startsWith("Fn::"))) {
      return this.#call(name, argument);
    }
    return Object.fromEntries(
      entries.map(([key, item]) => [key, this.#walk(item)]).filter(([, item]) => item !== NO_VALUE),
    );
  }

  #call(name: string, argument: unknown): unknown {
    const items = (): unknown[] => (this.#walk(argument) as unknown[]) ?? [];
    switch (name) {
      case "Ref":
        return this.#reference(String(argument));
      case "Fn::GetAtt":
        return this.#attribute(Array.isArray(argument) ? argument.join(".") : String(argument));
      case "Fn::Sub":
        return this.#substitute(argument);
      case "Fn::ImportValue":
        return String(this.#walk(argument));
      case "Fn::Join": {
        const [separator, parts] = items() as [string, string[]];
        return parts.join(separator);
      }
      case "Fn::Split": {
        const [separator, text] = items() as [string, string];
        return String(text).split(separator);
      }
      case "Fn::Select": {
        const [index, list] = items() as [unknown, unknown[]];
        return list[Number(index)];
      }
      case "Condition":
        return this.condition(String(argument));
      case "Fn::If": {
        const [condition, then, otherwise] = argument as [string, unknown, unknown];
        return this.#walk(this.condition(condition) ? then : otherwise);
      }
      case "Fn::Equals": {
        const [left, right] = items();
        return String(left) === String(right);
      }
      case "Fn::Not":
        return items()[0] !== true;
      case "Fn::And":
        return items().every((item) => item === true);
      case "Fn::Or":
        return items().some((item) => item === true);
      default:
        throw new StackError(`The intrinsic function ${name} is not supported.`);
    }
  }

  #reference(name: string): unknown {
    if (name === "AWS::StackName") return this.#stackName;
    if (Object.hasOwn(PSEUDO, name)) return PSEUDO[name];
    if (Object.hasOwn(this.#parameters, name)) return this.#parameters[name];
    const resource = this.#declared(name);
    if (resource) return referenceTo(resource);
    throw new StackError(`The template refers to ${name}, which does not exist in it.`);
  }

  #attribute(text: string): string {
    const [name = "", ...attribute] = text.split(".");
    const resource = this.#declared(name);
    return resource ? attributeOf(resource, attribute.join(".")) : text;
  }

  /** A resource with the property that names it, if it exists. */
  #declared(id: string): Declared | undefined {
    if (!Object.hasOwn(this.#resources, id)) return undefined;
    const { Type, Properties = {} } = this.#resources[id] ?? {};
    const property = namePropertyOf(String(Type));
    const properties = property === undefined ? {} : { [property]: this.resolve(Properties[property]) };
    return { id, type: String(Type), properties, stackName: this.#stackName };
  }

  #substitute(argument: unknown): string {
    const [text, own] = Array.isArray(argument) ? (argument as [string, Json]) : [String(argument), {}];
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal, name: string) => {
      if (literal) return `\${${name}}`;
      if (Object.hasOwn(own, name)) return String(this.#walk(own[name]));
      return name.includes(".") && !name.includes("::") ? this.#attribute(name) : String(this.#reference(name));
    });
  }
}
