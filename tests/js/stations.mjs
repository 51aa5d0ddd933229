/** What a tablet stands for, as the server's document says it: small, and made anew for each test. */

const text = (vi) => ({ vi, en: `${vi} (en)` });

const score = (id, required = false) => ({
  kind: 'score',
  id,
  text: text(id),
  stem: !required,
  not_applicable: !required,
  required,
});

/** `sectors`: their ids; `more`: questions between those about the desk and the comment. */
export function station({ sectors = ['land'], more = [], ...others } = {}) {
  return {
    counter_id: 'one',
    office_id: 'trieu-son',
    questionnaire: 'desk@1',
    timezone: 'Asia/Ho_Chi_Minh',
    counter: text('Quầy 1'),
    sectors: sectors.map((id) => ({ id, name: text(id) })),
    questions: [
      score('overall', true),
      score('access'),
      {
        kind: 'choices',
        id: 'went_wrong',
        text: text('went_wrong'),
        multiple: true,
        options: ['waiting', 'attitude'].map((id) => ({ id, text: text(id) })),
        show_when: { item: 'overall', at_most: 2, at_least: null },
      },
      ...more,
      { kind: 'comment', id: 'comment', text: text('comment'), max_length: 500, show_when: null },
    ],
    ...others,
  };
}
