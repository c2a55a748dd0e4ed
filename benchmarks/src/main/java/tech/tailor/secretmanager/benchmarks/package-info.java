/** Our reads beside floors and peers, in one run; {@code docs/performance.md} tells how and why. */
package tech.tailor.secretmanager.benchmarks;
