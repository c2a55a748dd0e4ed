import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { problems } from './check.mjs'

test('planted broken links are found, and good ones pass', () => {
  const directory = mkdtempSync(join(tmpdir(), 'site-'))
  try {
    writeFileSync(join(directory, 'good.html'), '<h1 id="top">A</h1> <a href="/good.html#top">a</a> <a href="#top">b</a> <a href="https://example.com/x">c</a>')
    mkdirSync(join(directory, 'api'))
    writeFileSync(join(directory, 'api/Type.html'), '<section id="&lt;init&gt;(int)"></section> <a href="#%3Cinit%3E(int)">a</a> <a href="../good.html">b</a>')
    assert.deepEqual(problems(directory).found, [])
    writeFileSync(join(directory, 'api/Bad.html'), '<a href="Type.html#size()">a</a>')
    writeFileSync(join(directory, 'bad.html'), '<a href="/missing.html">a</a> <a href="./good.html#nowhere">b</a> <img src="/missing.png">')
    assert.deepEqual(problems(directory).found.sort(), [
      'api/Bad.html: Type.html#size() leads to no heading of api/Type.html',
      'bad.html: ./good.html#nowhere leads to no heading of good.html',
      'bad.html: /missing.html leads nowhere',
      'bad.html: /missing.png leads nowhere',
    ])
  } finally {
    rmSync(directory, { recursive: true })
  }
})
