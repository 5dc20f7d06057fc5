// Statements are plain text with formulae as one would type them: "sum_ij m_i m_j exp(beta (<x_i, x_j> - 1))". What a
// strict grammar reads as a whole is set by KaTeX; all else, and whatever is in doubt, stays as it was typed.

export type Piece = { kind: "text" | "code"; text: string } | { kind: "formula"; text: string; tex: string };

const GREEK = new Set("alpha beta gamma delta epsilon eta theta kappa lambda mu nu xi pi rho sigma tau phi psi omega zeta Gamma Delta Sigma Phi Psi Omega Theta Lambda".split(" "));
/** What stands for nothing without an operand. */
const FUNCTIONS: Record<string, string> = {
  ...Object.fromEntries("exp log ln sin cos tan arctan arcsin arccos min max sup inf det sum prod".split(" ").map((name) => [name, `\\${name}`])),
  arsinh: "\\operatorname{arsinh}", binomial: "\\operatorname{binomial}", tr: "\\operatorname{tr}", Hess: "\\operatorname{Hess}", mean: "\\operatorname{mean}", int: "\\int ", iint: "\\iint ",
};
const SYMBOLS: Record<string, string> = {
  eps: "\\varepsilon ", lam: "\\lambda ", EE: "\\mathrm{EE}", kl: "\\mathrm{kl}", KL: "\\mathrm{KL}", Rad: "\\mathrm{Rad}", Bin: "\\mathrm{Bin}", Vhat: "\\hat V", grad: "\\nabla ", step: "\\mathrm{step}",
};
/** Words that are quantities inside of a formula and words outside. */
const INSIDE = new Set(["weight", "grid", "total", "norm"]);
const SCRIPTS: Record<string, string> = { min: "\\min", max: "\\max", star: "\\star", op: "\\mathrm{op}" };
const RELATIONS: Record<string, string> = { "<=": "\\le ", ">=": "\\ge ", "!=": "\\ne ", "->": "\\to ", "=": "=", "<": "<", ">": ">", "~": "\\sim ", ":": ":" };

interface Token {
  kind: "number" | "name" | "word" | "code" | "sign";
  text: string;
  /** Where it begins and ends in the source. */
  from: number;
  to: number;
}

class NoFormula extends Error {}

/** The pieces of a statement, in order. */
export function typeset(source: string): Piece[] {
  const tokens = tokenise(source);
  const pieces: Piece[] = [];
  let at = 0;
  let printed = 0;
  const plain = (to: number) => {
    if (to > printed) pieces.push({ kind: "text", text: source.slice(printed, to) });
    printed = to;
  };
  while (at < tokens.length) {
    const token = tokens[at];
    const found = token.kind === "code" ? undefined : readFormula(source, tokens, at);
    if (token.kind === "code") {
      plain(token.from);
      pieces.push({ kind: "code", text: token.text.replaceAll("`", "") });
      printed = token.to;
      at += 1;
    } else if (found) {
      plain(token.from);
      printed = tokens[found.end - 1].to;
      pieces.push({ kind: "formula", text: source.slice(token.from, printed), tex: found.tex });
      at = found.end;
    } else at += 1;
  }
  plain(source.length);
  return pieces;
}

function tokenise(source: string): Token[] {
  const pattern =
    /(?<code>`[^`]*`|\b(?:[A-Za-z]{2,}\d*|[a-z]\d)(?:_[A-Za-z0-9]+)+)|(?<word>(?:[A-Za-z]\.){2,}|[A-Za-z]+(?:-[A-Za-z]{2,})+(?:'s)?|[A-Za-z]+'s\b)|(?<number>\d+(?:\.\d+)?(?:e-?\d+)?(?![A-Za-z]{2}))|(?<name>[A-Za-z]+)|(?<sign><=|>=|!=|->|\|\||\.\.\.|[^\sA-Za-z0-9])/g;
  const tokens: Token[] = [];
  for (let match = pattern.exec(source); match; match = pattern.exec(source)) {
    let [kind, text] = Object.entries(match.groups!).find(([, value]) => value !== undefined) as [Token["kind"], string];
    const base = text.split("_")[0];
    const moves = isDifferential(base) && source[match.index + text.length] === "/";
    if (kind === "code" && !text.startsWith("`") && (isSymbol(base) || base in FUNCTIONS || moves)) [kind, text] = ["name", base]; // lambda_max is no name of code
    tokens.push({ kind, text, from: match.index, to: match.index + text.length });
    pattern.lastIndex = match.index + text.length;
  }
  return tokens;
}

function isDifferential(name: string): boolean {
  return name[0] === "d" && isSymbol(name.slice(1));
}

function isSymbol(name: string): boolean {
  return name.length === 1 || GREEK.has(name) || name in SYMBOLS || name === "sqrt";
}

/** The longest formula that begins at a token and is one beyond doubt. */
function readFormula(source: string, tokens: Token[], start: number): { tex: string; end: number } | undefined {
  if (tokens[start].text === "step" && tokens[start + 1]?.kind !== "sign") return undefined; // "its step V_q <= 1"
  const reader = new Reader(source, tokens, start);
  let tex: string;
  try {
    tex = reader.relation();
  } catch (error) {
    if (error instanceof NoFormula) return undefined;
    throw error;
  }
  const used = tokens.slice(start, reader.at);
  const names = used.filter(({ kind }) => kind === "name");
  const alone = used.length === 1 && /^(a|A|I|step|[\d.]+)$/.test(used[0].text);
  const before = source.slice(0, used[0].from);
  const after = source.slice(used.at(-1)!.to);
  const clean = /(^|[\s"]|(^|[\s"])[([{]+)$/.test(before) && /^(?:$|[\s\]}?!"]|\)+(?![\^/*(])|[,;:](?=\s|$)|\.(?=\s|$))/.test(after);
  const something = names.length > 0 || used.some(({ text }) => "=<>/+^".includes(text[0]) || /\de/.test(text));
  return clean && something && !alone ? { tex, end: reader.at } : undefined;
}

/** Recursive descent; each method takes what it can and leaves the rest, or throws. */
class Reader {
  private bars = 0;
  private depth = 0;

  constructor(
    private source: string,
    private tokens: Token[],
    public at: number,
  ) {}

  relation(): string {
    return this.joined(() => this.sum(), () => {
      const sign = this.next();
      if (sign?.kind !== "sign" || !(sign.text in RELATIONS) || this.isBracket(sign)) throw new NoFormula();
      if (sign.text === ":" && !this.depth) throw new NoFormula();
      this.at += 1;
      return RELATIONS[sign.text] + this.sum();
    });
  }

  private sum(): string {
    const minus = this.sign("-") ? (this.at++, "-") : "";
    return minus + this.joined(() => this.product(), () => {
      const sign = this.sign("+", "-", "||");
      if (!sign) throw new NoFormula();
      this.at += 1;
      return (sign === "||" ? "\\,\\|\\," : sign) + this.product();
    });
  }

  private product(): string {
    return this.joined(() => this.factor(), () => {
      const sign = this.sign("/", "*");
      if (sign) {
        this.at += 1;
        return (sign === "*" ? "\\ast " : sign) + this.factor();
      }
      if (this.isArticle()) throw new NoFormula();
      if (this.sign("|") && this.bars) throw new NoFormula();
      if (this.next()?.text === "<" && !this.isBracket(this.next()!)) throw new NoFormula();
      return ` ${this.factor()}`;
    });
  }

  /** One part, then more while they can be read as a whole. */
  private joined(first: () => string, more: () => string): string {
    let tex = first();
    for (;;) {
      const [at, bars, depth] = [this.at, this.bars, this.depth];
      try {
        tex += more();
      } catch (error) {
        if (!(error instanceof NoFormula)) throw error;
        [this.at, this.bars, this.depth] = [at, bars, depth];
        return tex;
      }
    }
  }

  private factor(): string {
    const token = this.next();
    if (!token || token.kind === "word" || token.kind === "code") throw new NoFormula();
    if (token.kind === "number") return this.scripted(this.number(token));
    return token.kind === "name" ? this.named(token) : this.bracketed(token);
  }

  private number(token: Token): string {
    this.at += 1;
    const [digits, power] = token.text.split("e");
    if (power === undefined) return digits;
    return digits === "1" ? `10^{${power}}` : `${digits}\\cdot 10^{${power}}`;
  }

  private named({ text, from }: Token): string {
    if (this.isArticle()) throw new NoFormula();
    this.at += 1;
    if (text === "sqrt") {
      if (!this.sign("(")) throw new NoFormula();
      return this.scripted(`\\sqrt{${this.group("(", ")", false)}}`);
    }
    if (INSIDE.has(text) && this.depth) return this.scripted(`\\mathrm{${text}}`);
    if (text === "mean" && !(this.sign("_") && this.attached())) throw new NoFormula();
    if (text in FUNCTIONS) {
      const name = this.scripted(FUNCTIONS[text]);
      return `${name} ${this.factor()}`;
    }
    const moves = this.source[from - 1] === "/" || /^d[A-Za-z]+(_\w+)?\/d/.test(this.source.slice(from));
    if (isDifferential(text) && moves) return this.scripted(`d${symbol(text.slice(1))}`);
    if (/^[A-Z]$/.test(text) && /^\d(?![\w.])/.test(this.source.slice(from + 1))) {
      const index = this.next()!.text;
      this.at += 1;
      return this.scripted(`${text}${index}`.replace(/^(.)(.*)$/, "$1_{$2}"), true);
    }
    if (isSymbol(text)) return this.scripted(symbol(text));
    const called = this.depth > 0 && this.sign("(") && this.attached();
    if (called) return `\\operatorname{${text}}${this.group("(", ")")}`;
    throw new NoFormula();
  }

  private bracketed(token: Token): string {
    switch (token.text) {
      case "(":
        return this.scripted(this.group("(", ")]"));
      case "[":
        return this.scripted(this.group("[", ")]"));
      case "{":
        return this.scripted(`\\{${this.group("{", "}", false)}\\}`);
      case "<":
        return this.scripted(this.inner());
      case "|":
        return this.scripted(this.absolute());
      case "...":
        this.at += 1;
        return "\\ldots ";
    }
    throw new NoFormula();
  }

  /** A list in brackets, with them or without. */
  private group(open: string, close: string, shown = true): string {
    if (this.next()?.text !== open) throw new NoFormula();
    this.at += 1;
    const bars = this.bars;
    [this.bars, this.depth] = [0, this.depth + 1];
    let tex = this.relation();
    while (this.sign(",")) {
      this.at += 1;
      tex += `, ${this.relation()}`;
    }
    const end = this.next()?.text ?? "";
    if (!end || !close.includes(end)) throw new NoFormula();
    this.at += 1;
    [this.bars, this.depth] = [bars, this.depth - 1];
    return shown ? `${open}${tex}${end}` : tex;
  }

  private inner(): string {
    this.at += 1;
    this.depth += 1;
    const left = this.sum();
    if (!this.sign(",")) throw new NoFormula();
    this.at += 1;
    const right = this.sum();
    if (this.next()?.text !== ">") throw new NoFormula();
    this.at += 1;
    this.depth -= 1;
    return `\\langle ${left}, ${right}\\rangle `;
  }

  private absolute(): string {
    if (this.bars) throw new NoFormula();
    this.at += 1;
    this.bars += 1;
    this.depth += 1;
    const inside = this.sum();
    if (!this.sign("|")) throw new NoFormula();
    this.at += 1;
    this.bars -= 1;
    this.depth -= 1;
    return `\\lvert ${inside}\\rvert `;
  }

  /** Primes, index, exponent and star that are attached, each at most once. */
  private scripted(base: string, indexed = false): string {
    let primes = "";
    while (this.attached() && this.sign("'")) (primes += "'"), this.at++;
    let sub = "";
    let sup = "";
    while (this.attached()) {
      const sign = this.sign("_", "^", "*");
      if (sign === "_" && !sub && !indexed) sub = this.script();
      else if (sign === "^" && !sup) sup = this.script();
      else if (sign === "*" && !sup && !this.operandFollows()) (sup = "*"), this.at++;
      else break;
    }
    let late = "";
    while (this.attached() && this.sign("'")) (late += "\\prime"), this.at++;
    const whole = primes ? `{${base}${primes}}` : base;
    return whole + (sub && `_{${sub}}`) + (sup || late ? `^{${sup}${late}}` : "");
  }

  /** What stands in an index or exponent. */
  private script(): string {
    this.at += 1;
    const token = this.next();
    if (!token || !this.attached()) throw new NoFormula();
    if (token.text === "{") return this.group("{", "}", false);
    if (token.text === "(") return this.group("(", ")", false);
    const match = /^(-?)([A-Za-z0-9]+|\*|\+)/.exec(this.source.slice(token.from));
    if (!match) throw new NoFormula();
    const end = token.from + match[0].length;
    while (this.at < this.tokens.length && this.tokens[this.at].from < end) this.at += 1;
    if (this.tokens[this.at - 1].to > end) {
      // such as "x_i" within a longer token: the grammar does not know it
      throw new NoFormula();
    }
    return match[1] + scriptWord(match[2]);
  }

  private next(): Token | undefined {
    return this.tokens[this.at];
  }

  private sign(...texts: string[]): string | undefined {
    const token = this.next();
    return token?.kind === "sign" && texts.includes(token.text) ? token.text : undefined;
  }

  /** Whether the next token follows without a space. */
  private attached(): boolean {
    return this.at > 0 && this.at < this.tokens.length && this.tokens[this.at - 1].to === this.tokens[this.at].from;
  }

  /** Whether something to be multiplied follows a star: "k * f", not "w* and". */
  private operandFollows(): boolean {
    return /^\w/.test(this.source.slice(this.next()!.to));
  }

  /** "<x, y>" against "x < y": brackets touch what they hold. */
  private isBracket({ text, from, to }: Token): boolean {
    if (text === "<") return /\S/.test(this.source.charAt(to)) && !/\w/.test(this.source.charAt(from - 1));
    return text === ">" && /\S/.test(this.source.charAt(from - 1));
  }

  /** "a cloud", "a c > 1": the article, before a word or at the beginning of what would be a product. */
  private isArticle(): boolean {
    const [before, token, after] = [this.tokens[this.at - 1], this.next(), this.tokens[this.at + 1]];
    if (!token || !/^[aA]$/.test(token.text) || !after || after.from === token.to) return false;
    const word = after.kind === "word" || after.kind === "code" || (after.kind === "name" && !isSymbol(after.text) && !(after.text in FUNCTIONS));
    const begins = !before || before.kind === "word" || (before.kind === "name" && !isSymbol(before.text)) || (before.kind === "sign" && ".,;:(".includes(before.text) && before.to < token.from);
    return word || (begins && after.kind !== "sign");
  }
}

function symbol(name: string): string {
  return GREEK.has(name) ? `\\${name} ` : (SYMBOLS[name] ?? name);
}

function scriptWord(word: string): string {
  if (word in SCRIPTS) return SCRIPTS[word];
  if (GREEK.has(word) || word in SYMBOLS) return symbol(word);
  return /^(\d+|[A-Za-z]{1,2}|[A-Za-z]\d+)$/.test(word) || word.length === 1 ? word : `\\text{${word}}`;
}
