export const storySection = { title: 'story', run: async () => ({ rows: [], text: '' }) };
