// How TypeDoc reads our declarations: ops that are constants are functions, inherited members stay on their class's page; and what
// it adds to a page: gradient, variants and kernels from the running program, errors from the source.
import { basename, relative } from 'node:path';
import {
  type Application,
  Comment,
  type CommentDisplayPart,
  CommentTag,
  Context,
  Converter,
  type DeclarationReflection,
  NamedTupleMember,
  ParameterReflection,
  type Reflection,
  ReflectionFlag,
  ReflectionKind,
  ReflectionType,
  RestType,
  type SignatureReflection,
  TupleType,
} from 'typedoc';
import ts from 'typescript';
import { type Errors, errorsOf } from './errors.js';
import type { Example } from './examples.js';
import { type Facts, factsOf, type Trace } from './facts.js';
import { root } from './root.js';

/** The block tags that pages have beyond TypeDoc's own. */
export const BLOCK_TAGS = ['@gradient', '@variants', '@kernels'] as const;

/** Properties of ops that are for derivatives, not for users. */
const HIDDEN = new Set(['definition', 'types']);

/** TypeDoc takes `export const tanh = unary('tanh')` for a variable unless its comment says `@function`. */
export function readOpsAsFunctions(): void {
  const { getComment, shouldIgnore } = Context.prototype;
  Context.prototype.getComment = function (symbol, kind) {
    const comment = getComment.call(this, symbol, kind);
    const isCallable = () => this.checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0;
    if (comment && kind === ReflectionKind.Variable && isCallable()) comment.modifierTags.add('@function');
    return comment;
  };
  Context.prototype.shouldIgnore = function (symbol) {
    if (this.scope.kindOf(ReflectionKind.Function) && HIDDEN.has(symbol.name)) return true;
    return isInherited(this, symbol) || shouldIgnore.call(this, symbol);
  };
}

/** Whether a class has a member from another one. Those of `Tensor` come from the modules of ops, and are its own. */
function isInherited(context: Context, symbol: ts.Symbol): boolean {
  if (!context.convertingClassOrInterface || context.scope.name === 'Tensor') return false;
  const owners = context.getSymbolFromReflection(context.scope)?.getDeclarations() ?? [];
  const members = symbol.getDeclarations() ?? [];
  return members.length > 0 && !members.some((member) => owners.some((owner) => contains(owner, member)));
}

function contains(owner: ts.Node, node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node; at !== undefined; at = at.parent) if (at === owner) return true;
  return false;
}

/** Adds to each function's comment what is not written there. */
export function addFacts(app: Application, examples: readonly Example[], traces: ReadonlyMap<Example, Trace>): void {
  const byPlace = new Map(examples.map((example) => [`${example.file} ${example.name}`, example]));
  const completed = new Set<DeclarationReflection>();

  function complete(context: Context, reflection: SignatureReflection, file: string, signature?: ts.Signature): void {
    const owner = reflection.parent;
    const comment = commentOf(reflection);
    completed.add(owner);
    comment.blockTags.unshift(categoryOf(file));
    const names = namesOf(owner.name, comment);
    const example = names.map((name) => byPlace.get(`${file} ${name}`)).find((found) => found !== undefined);
    if (example && !comment.getTag('@example')) addTag(comment, '@example', [code(example.code)]);
    const facts = factsOf(pathOf(owner), example && traces.get(example));
    if (facts !== undefined) addFactsOf(comment, facts, owner, hasOut(context, signature));
  }

  app.converter.on(Converter.EVENT_CREATE_SIGNATURE, (context, reflection, _, signature) => {
    const owner = reflection.parent;
    const places = context.getSymbolFromReflection(owner)?.getDeclarations() ?? [];
    const [place] = places;
    if (place === undefined) return;
    const file = relative(root, place.getSourceFile().fileName);
    if (owner.kindOf(ReflectionKind.Function)) complete(context, reflection, file, signature);
    if (owner.kindOf(ReflectionKind.FunctionOrMethod | ReflectionKind.Constructor))
      addErrors(commentOf(reflection), errorsOf(places, context.checker));
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    // Their signatures have it now.
    for (const owner of completed) delete owner.comment;
    for (const reflection of project.getReflectionsByKind(ReflectionKind.All)) addCategory(reflection);
  });
}

/** Members of `Tensor` that are ops: methods, though their type is mapped from a module (`Methods<typeof elementwise>`). */
export function readOpsAsMethods(app: Application): void {
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, member) => {
    const { type } = member;
    if (member.parent?.name !== 'Tensor' || !(type instanceof ReflectionType) || !type.declaration.signatures) return;
    const [place] = context.getSymbolFromReflection(member)?.getDeclarations() ?? [];
    if (place === undefined) return;
    const written = ts.isFunctionDeclaration(place) ? context.getSignatureComment(place) : member.comment;
    member.kind = ReflectionKind.Method;
    member.signatures = type.declaration.signatures;
    for (const signature of member.signatures) {
      signature.name = member.name;
      signature.parent = member;
      signature.comment = written?.clone() ?? new Comment();
      signature.comment.blockTags.unshift(categoryOf(relative(root, place.getSourceFile().fileName)));
      signature.parameters = (signature.parameters ?? []).flatMap((parameter) => spread(signature, parameter));
    }
    delete member.type;
    delete member.comment;
    delete member.defaultValue;
  });
}

/** The parameters that a rest parameter of a tuple type stands for. */
function spread(signature: SignatureReflection, parameter: ParameterReflection): ParameterReflection[] {
  const { type } = parameter;
  if (!(type instanceof TupleType)) return [parameter];
  return type.elements.map((element, i) => {
    const named = element instanceof NamedTupleMember ? element : undefined;
    const single = new ParameterReflection(named?.name ?? `${parameter.name}${i}`, ReflectionKind.Parameter, signature);
    const inner = named?.element ?? element;
    const isRest = inner instanceof RestType;
    single.type = isRest ? inner.elementType : inner;
    single.setFlag(ReflectionFlag.Optional, named?.isOptional ?? false);
    single.setFlag(ReflectionFlag.Rest, isRest);
    return single;
  });
}

/** What comes from TypeScript's own declarations has no page of its source here. */
export function dropForeignSources(app: Application): void {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const reflection of project.getReflectionsByKind(ReflectionKind.All)) {
      if (!reflection.isDeclaration() && !reflection.isSignature()) continue;
      const own = reflection.sources?.filter(({ fullFileName }) => !fullFileName.includes('/node_modules/'));
      if (own !== undefined) reflection.sources = own;
    }
  });
}

function commentOf(reflection: SignatureReflection): Comment {
  reflection.comment ??= reflection.parent.comment?.clone() ?? new Comment();
  reflection.comment.removeModifier('@function');
  return reflection.comment;
}

/** The headings under which an index lists what is neither function nor class. */
const HEADINGS: [kind: ReflectionKind, heading: string][] = [
  [ReflectionKind.Namespace, 'Namespaces'],
  [ReflectionKind.Variable, 'Constants'],
  [ReflectionKind.Interface | ReflectionKind.TypeAlias, 'Types'],
];
/** Of the index: families of ops between them. */
export const CATEGORY_ORDER = ['Namespaces', '*', 'Constants', 'Types'];

function addCategory(reflection: Reflection): void {
  if (!reflection.isDeclaration() || reflection.kindOf(ReflectionKind.FunctionOrMethod)) return;
  const [source] = reflection.sources ?? [];
  const [, heading] = HEADINGS.find(([kind]) => reflection.kindOf(kind)) ?? [];
  const name = reflection.kindOf(ReflectionKind.Class) ? source && familyOf(source.fileName) : heading;
  if (name === undefined) return;
  reflection.comment ??= new Comment();
  reflection.comment.blockTags.unshift(category(name));
}

const categoryOf = (file: string): CommentTag => category(familyOf(file));
const category = (name: string): CommentTag => new CommentTag('@category', [text(name)]);

/** The names by which an op's example may stand: its own, or that of the op that its comment points to, as variants do. */
function namesOf(name: string, { summary: [first] }: Comment): string[] {
  const linked = first?.kind === 'inline-tag' ? [first.text] : [];
  return [name, ...linked, ...linked.map((target) => target.replace(/_$/, ''))];
}

function pathOf(reflection: DeclarationReflection): string[] {
  return reflection.getFullName().split('.');
}

/** The family of an op: its file, in words. */
function familyOf(file: string): string {
  const words = (basename(file) === 'index.ts' ? basename(file.slice(0, -'/index.ts'.length)) : basename(file, '.ts'))
    .replaceAll('-', ' ')
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function hasOut(context: Context, signature: ts.Signature | undefined): boolean {
  const last = signature?.parameters.at(-1);
  if (last === undefined) return false;
  const type = context.checker.getNonNullableType(context.checker.getTypeOfSymbol(last));
  return (type.isUnion() ? type.types : [type]).some((part) => part.getProperty('out') !== undefined);
}

function addFactsOf(comment: Comment, facts: Facts, owner: DeclarationReflection, out: boolean): void {
  const { gradient, madeOf, kernels, isMethod, hasInPlace } = facts;
  const made = madeOf.length > 0 ? `Made of ${madeOf.map((name) => `\`${name}\``).join(', ')}.` : undefined;
  const about = [gradient, made].filter((line) => line !== undefined);
  if (about.length > 0) addTag(comment, '@gradient', [text(about.join(' '))]);
  const variants: CommentDisplayPart[] = [
    ...(isMethod ? [text(`- method \`x.${owner.name}()\`\n`)] : []),
    ...(hasInPlace ? [text('- in place '), link(`${owner.name}_`), text('\n')] : []),
    // In place there is nowhere else to write, whatever a shared type of options says.
    ...(out && !owner.name.endsWith('_') ? [text("- into a tensor of one's own: `{ out }`\n")] : []),
  ];
  if (variants.length > 0) addTag(comment, '@variants', variants);
  if (kernels.length === 0) return;
  const rows = kernels.map(({ name, cpu, cuda }) => `| \`${name}\` | ${cpu || 'none'} | ${cuda || 'none'} |`);
  addTag(comment, '@kernels', [text(['| kernel | CPU | CUDA |', '| --- | --- | --- |', ...rows].join('\n'))]);
}

function addErrors(comment: Comment, errors: Errors): void {
  if (errors.size === 0) return;
  const lines = [...errors].map(([name, messages]) =>
    [
      `- \`${name}\``,
      ...[...messages].map((message) => `  - \`${message.replace(/^\.\.\.: /, '').replaceAll('`', "'")}\``),
    ].join('\n'),
  );
  addTag(comment, '@throws', [text(lines.join('\n'))]);
}

function addTag(comment: Comment, name: `@${string}`, content: CommentDisplayPart[]): void {
  comment.blockTags.push(new CommentTag(name, content));
}

const text = (content: string): CommentDisplayPart => ({ kind: 'text', text: content });
const link = (target: string): CommentDisplayPart => ({ kind: 'inline-tag', tag: '@link', text: target });
const code = (content: string): CommentDisplayPart => ({ kind: 'code', text: `\`\`\`ts\n${content}\n\`\`\`` });
