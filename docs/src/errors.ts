// Which errors a function throws, and what they say: read from its source.
import ts from 'typescript';

/** How far calls of other functions are followed. */
const DEPTH = 4;
/** Functions of other files whose errors are their callers': what checks and normalises arguments. */
const CHECKS = /^(check|normalize|broadcast|require|read|prepare|common|canonical)/;

/** The errors by class; for each the messages that stand in the function's own file. */
export type Errors = Map<string, Set<string>>;

export function errorsOf(declarations: readonly ts.Node[], checker: ts.TypeChecker): Errors {
  const errors: Errors = new Map();
  const seen = new Set<ts.Node>(declarations);
  const own = declarations[0]?.getSourceFile();

  function visit(node: ts.Node, depth: number): void {
    if (ts.isNewExpression(node) && ts.isIdentifier(node.expression)) add(node, node.expression.text);
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) follow(node.expression, depth);
    ts.forEachChild(node, (child) => visit(child, depth));
  }

  function add(node: ts.NewExpression, name: string): void {
    if (!/Error$/.test(name) || name === 'InternalError') return;
    const messages = errors.get(name) ?? new Set();
    errors.set(name, messages);
    const text = node.arguments?.[0] && messageOf(node.arguments[0]);
    if (text !== undefined && node.getSourceFile() === own) messages.add(text);
  }

  function follow(callee: ts.Identifier, depth: number): void {
    let symbol = checker.getSymbolAtLocation(callee);
    if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
    const target = symbol?.valueDeclaration;
    if (target === undefined || depth === 0 || seen.has(target)) return;
    const file = target.getSourceFile();
    if (file.isDeclarationFile || !(file === own || CHECKS.test(callee.text))) return;
    if (!ts.isFunctionDeclaration(target) && !isFunctionVariable(target)) return;
    seen.add(target);
    visit(target, depth - 1);
  }

  for (const declaration of declarations) visit(declaration, DEPTH);
  return errors;
}

function isFunctionVariable(node: ts.Node): boolean {
  const value = ts.isVariableDeclaration(node) ? node.initializer : undefined;
  return value !== undefined && (ts.isArrowFunction(value) || isCastable(value));
}

/** Whether a value is an op that autocast wraps. */
function isCastable(value: ts.Expression): boolean {
  return ts.isCallExpression(value) && ts.isIdentifier(value.expression) && value.expression.text === 'castable';
}

/** The text of a message, with `...` where values go in. */
function messageOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return [node.head.text, ...node.templateSpans.map((span) => `...${span.literal.text}`)].join('');
}
