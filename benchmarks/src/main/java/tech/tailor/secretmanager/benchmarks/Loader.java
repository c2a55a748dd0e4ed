package tech.tailor.secretmanager.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.secretsmanager.caching.SecretCache;
import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;

/** The ways to read through a cache that is empty. */
public enum Loader {
  GET_LOAD_PUT {
    @Override
    Reader open(Upstream upstream) {
      Cache<String, byte[]> cache = Caffeine.newBuilder().build();
      return Reader.of(
          name -> {
            byte[] known = cache.getIfPresent(name);
            if (known == null) {
              known = upstream.load(name);
              cache.put(name, known);
            }
            return known.clone();
          },
          () -> {});
    }
  },
  CAFFEINE_LOADING {
    @Override
    Reader open(Upstream upstream) {
      LoadingCache<String, byte[]> cache = Caffeine.newBuilder().build(upstream::load);
      return Reader.of(name -> cache.get(name).clone(), () -> {});
    }
  },
  CAFFEINE_ASYNC {
    @Override
    Reader open(Upstream upstream) {
      ASYNC_LOGGER.setLevel(Level.OFF); // it tells of every failure that is provoked here
      // A thread for each load: the default executor has as many as there are cores.
      ExecutorService threads = Executors.newCachedThreadPool();
      AsyncLoadingCache<String, byte[]> cache =
          Caffeine.newBuilder().executor(threads).buildAsync(upstream::load);
      return Reader.of(name -> cache.get(name).join().clone(), threads::shutdown);
    }
  },
  AWS {
    @Override
    Reader open(Upstream upstream) {
      SecretCache cache = Caches.Aws.open(upstream);
      return Reader.of(name -> cache.getSecretString(name).getBytes(UTF_8), cache::close);
    }
  },
  OURS {
    @Override
    Reader open(Upstream upstream) {
      return reader(SecretManagers.open(upstream));
    }
  },
  OURS_ON_READING_THREAD {
    @Override
    Reader open(Upstream upstream) {
      return reader(SecretManagers.builder(upstream).callsOnReadingThread().build());
    }
  };

  /** Held, since a logger that nobody holds forgets its level. */
  private static final Logger ASYNC_LOGGER =
      Logger.getLogger("com.github.benmanes.caffeine.cache.LocalAsyncCache");

  abstract Reader open(Upstream upstream);

  private static Reader reader(SecretManager manager) {
    return Reader.of(
        name -> {
          try (SecretValue value = manager.requireSecret(Secrets.VAULT, name)) {
            return value.<byte[], RuntimeException>withBytes(byte[]::clone);
          }
        },
        manager::close);
  }

  /** One of them, opened. */
  interface Reader extends AutoCloseable {

    byte[] read(String name);

    @Override
    void close();

    static Reader of(Function<String, byte[]> read, Runnable close) {
      return new Reader() {
        @Override
        public byte[] read(String name) {
          return read.apply(name);
        }

        @Override
        public void close() {
          close.run();
        }
      };
    }
  }
}
