/** As much of a syntax tree's path as is needed here. */
interface NodePath {
  readonly listKey?: string;
  readonly key: string | number;
  readonly node: { readonly type: string; readonly key?: { readonly name?: string } };
  readonly parent: {
    readonly callee?: {
      readonly name?: string;
      readonly property?: { readonly id?: { readonly name?: string } };
    };
    readonly elements?: readonly ({ readonly type: string } | null)[];
  };
}

const assertions = ['assert', 'must', 'unreachable'];
const texts = ['documentation', 'why'];
const errors = ['ProtocolError', 'corrupt', 'invalid', 'malformed', 'tooLarge'];

/**
 * Words for people: what an assertion says when it fails, and what an error says beside its code.
 * The tests hold on to codes, not to wording, so changing a text proves nothing about them.
 */
function shouldIgnore(path: NodePath): string | undefined {
  const { node, parent, listKey, key } = path;
  if (node.type === 'ObjectProperty' && texts.includes(node.key?.name ?? '')) {
    return 'the description of a config';
  }
  // The rows of the error table begin with the code and end in the text.
  const first = parent.elements?.[0]?.type ?? '';
  const isRow = first === 'NumericLiteral' || first === 'UnaryExpression';
  if (listKey === 'elements' && key === 3 && isRow) return 'the text of an error';
  if (listKey !== 'arguments') return undefined;
  const name = parent.callee?.name ?? parent.callee?.property?.id?.name ?? '';
  if (assertions.includes(name) && key === 1) return 'the text of an assertion';
  const at = name === 'ProtocolError' ? 1 : 0;
  return errors.includes(name) && key === at ? 'the text of an error' : undefined;
}

/** Loaded by the mutation test's configuration. */
export const strykerPlugins = [{ kind: 'Ignore', name: 'texts', value: { shouldIgnore } }] as const;
