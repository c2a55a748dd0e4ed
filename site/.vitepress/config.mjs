import { GROUPS } from '../contents.mjs'

export default {
  title: 'secretmanager',
  description: 'Secrets for applications on the JVM',
  srcDir: 'pages',
  outDir: '../target/site',
  cacheDir: '../target/site-cache',
  cleanUrls: false,
  lastUpdated: false,
  // check.mjs looks at all links once the Javadoc is there.
  ignoreDeadLinks: [/^\/api\//],
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: {
    // Code that is indented looks like code that is fenced, and has a button to copy it too.
    config: md => {
      md.renderer.rules.code_block = (tokens, index, ...rest) => {
        tokens[index].info = 'text'
        return md.renderer.rules.fence(tokens, index, ...rest)
      }
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Getting started', link: '/start' },
      { text: 'Spring Boot', link: '/spring-boot' },
      { text: 'Testing', link: '/testing' },
      { text: 'Javadoc', link: '/javadoc' },
    ],
    sidebar: GROUPS.map(group => ({
      text: group.title,
      items: group.pages.map(page => ({ text: page.text, link: '/' + page.name })),
    })),
  },
}
