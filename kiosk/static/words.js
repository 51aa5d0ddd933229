/** Finds the sentence of a key in the language of the moment. Holds no wording itself. */

export class Words {
  /** `sentences`: key -> {vi, en}, as the page carries them. */
  constructor(sentences, languages) {
    this.sentences = sentences;
    this.languages = languages;
    this.lang = languages[0];
  }

  /** A text of the questionnaire, {vi, en}. */
  of(text) {
    return text[this.lang];
  }

  /** The sentence of this key, with its {places} filled. */
  say(key, values = {}) {
    return this.in(this.lang, key, values);
  }

  /** The same in a language of choice. */
  in(lang, key, values = {}) {
    const text = this.sentences[key];
    if (!text) throw new Error(`no sentence has the key '${key}'`);
    return text[lang].replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
  }

  /** The language that the button offers: the one after this. */
  get other() {
    const at = this.languages.indexOf(this.lang);
    return this.languages[(at + 1) % this.languages.length];
  }
}
