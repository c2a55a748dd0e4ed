// Looks at every page of the built site in Debian's Chromium: no error in the console, no request that fails, nothing wider
// than the screen at 360 px; the search finds something, that of the Javadoc too, and the dark mode is dark. Prints SKIPPED
// without a Chromium.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import puppeteer from 'puppeteer-core'

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' }
const WIDTHS = [1280, 360]

const directory = process.argv[2]
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
if (chromium === undefined) {
  console.log('SKIPPED: a look at the site in a browser: no Chromium is installed')
  process.exit(0)
}

const server = createServer((request, response) => {
  const file = join(directory, normalize(decodeURI(new URL(request.url, 'http://localhost').pathname)))
  if (!existsSync(file) || extname(file) === '') {
    response.writeHead(404).end()
    return
  }
  response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(readFileSync(file))
}).listen(0, '127.0.0.1')
await new Promise(listening => server.once('listening', listening))
const home = `http://127.0.0.1:${server.address().port}`

const problems = []
const browser = await puppeteer.launch({ executablePath: chromium, args: ['--no-sandbox'] })
try {
  const pages = readdirSync(directory, { recursive: true })
    .map(String)
    .filter(file => file.endsWith('.html') && !file.startsWith('api/') && file !== '404.html')
  const page = await browser.newPage()
  let at = ''
  page.on('console', message => message.type() === 'error' && problems.push(`${at}: console: ${message.text()}`))
  page.on('pageerror', error => problems.push(`${at}: ${error.message}`))
  // What is fetched ahead is aborted when the next page is opened.
  page.on('requestfailed', request => request.failure().errorText !== 'net::ERR_ABORTED' && problems.push(`${at}: ${request.url()} failed`))
  page.on('response', response => response.status() >= 400 && problems.push(`${at}: ${response.url()} gave ${response.status()}`))
  for (const file of pages) {
    at = file
    await page.goto(`${home}/${file}`)
    await page.waitForFunction(() => document.querySelector('#app')?.__vue_app__)
    for (const width of WIDTHS) {
      await page.setViewport({ width, height: 800 })
      const wide = await page.evaluate(() => document.documentElement.scrollWidth)
      if (wide > width) {
        problems.push(`${at}: is ${wide} px wide on a screen of ${width} px`)
      }
    }
  }
  at = 'the search'
  await page.setViewport({ width: 1280, height: 800 })
  await page.goto(`${home}/start.html`, { waitUntil: 'networkidle0' })
  await page.keyboard.press('/')
  await page.waitForSelector('#localsearch-input')
  await page.type('#localsearch-input', 'rotation')
  await page.waitForSelector('#localsearch-list li a')
  await page.keyboard.press('Escape')
  at = 'the dark mode'
  await page.click('.VPSwitchAppearance')
  await page.waitForFunction(() => document.documentElement.classList.contains('dark'))
  if (existsSync(join(directory, 'api/index.html'))) {
    // In a page of its own, which listens to no errors: Debian's javadoc names fonts that it doesn't bring.
    const javadoc = await browser.newPage()
    await javadoc.goto(`${home}/api/index.html`, { waitUntil: 'networkidle0' })
    await javadoc.type('#search-input', 'SecretDataSource')
    await javadoc.waitForFunction(() => document.body.innerText.includes('tech.tailor.secretmanager.jdbc.SecretDataSource'))
  }
  console.log([...problems, `${pages.length} pages at ${WIDTHS.join(' and ')} px in a browser, ${problems.length} problems`].join('\n'))
} finally {
  await browser.close()
  server.close()
}
process.exit(problems.length > 0 ? 1 : 0)
