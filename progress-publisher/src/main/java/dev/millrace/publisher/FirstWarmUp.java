package dev.millrace.publisher;

import dev.millrace.contracts.Command;
import dev.millrace.contracts.Command.WarmUp.Item;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.Sha256;
import dev.millrace.contracts.Topics;
import dev.millrace.publisher.sse.StreamClients;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Sender;
import dev.millrace.runtime.Threads;
import dev.millrace.runtime.request.RequestReader;
import dev.millrace.runtime.request.WarmUpFile;
import dev.millrace.runtime.request.WarmUps;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// Wants the answers of a file known once after the start, by the command that anybody may send.
/// What is known by then costs nothing, so that neither another start nor another publisher with
/// the same file does harm.
final class FirstWarmUp implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FirstWarmUp.class);
  private static final Duration PRODUCED = Duration.ofSeconds(20);

  /// How long the ledger may take to start, and to answer.
  private static final Duration ANSWERED = Duration.ofMinutes(2);

  private final Path file;
  private final RequestReader reader;
  private final Topics topics;
  private final Sender sender;
  private final StreamClients streams;
  private final Resources resources;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  /// @param streams hear the receipts
  FirstWarmUp(
      Path file,
      RequestReader reader,
      Topics topics,
      Sender sender,
      StreamClients streams,
      Resources resources) {
    this.file = file;
    this.reader = reader;
    this.topics = topics;
    this.sender = sender;
    this.streams = streams;
    this.resources = resources;
    this.thread = Threads.platform("first-warm-up").newThread(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      var content = WarmUpFile.read(file, reader);
      content.wrong().forEach(wrong -> LOG.error("not warmed up file={} {}", file, wrong));
      while (!streams.reading()) {
        if (closed.await(20, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
      var became = Receipt.WarmUp.NOTHING;
      int failed = 0;
      for (var part : WarmUps.split(content.items())) {
        var sent = send(part);
        became = became.plus(sent.became());
        failed += sent.whole() ? 0 : 1;
      }
      LOG.atLevel(failed == 0 ? Level.INFO : Level.WARN)
          .log(
              "warmed up file={} started={} stored={} known={} refused={} failed={}",
              file,
              became.started(),
              became.stored(),
              became.known(),
              became.refused(),
              failed);
    } catch (IOException e) {
      LOG.error("not warmed up, cannot read the file={}: {}", file, e.toString());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("not warmed up file={}", file, e);
    }
  }

  /// What became of a command, as far as the ledger has said.
  ///
  /// @param whole whether every partition has answered, and none complained
  private record Sent(Receipt.WarmUp became, boolean whole) {

    static final Sent FAILED = new Sent(Receipt.WarmUp.NOTHING, false);
  }

  private Sent send(List<Item> items) throws InterruptedException {
    var id = id(items);
    try (var wait = streams.waits().forReceipts(id)) {
      var command = new Command.WarmUp(id, null, items, null);
      var _ =
          sender
              .send(topics.commands(), null, id, command, Map.of())
              .get(PRODUCED.toMillis(), TimeUnit.MILLISECONDS);
      var receipts = wait.within(ANSWERED);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (receipts.isEmpty()) {
        LOG.warn("warm-up not answered yet, it will be done all the same command={}", id);
      }
      return receipts.map(all -> sent(id, all)).orElse(Sent.FAILED);
    } catch (TimeoutException _) {
      LOG.error("warm-up not confirmed, Kafka may have it or not command={}", id);
      return Sent.FAILED;
    } catch (ExecutionException e) {
      LOG.error("not warmed up, Kafka did not take the command={}: {}", id, e.toString());
      return Sent.FAILED;
    }
  }

  private static Sent sent(String id, List<Receipt> receipts) {
    var complaints = receipts.stream().filter(receipt -> !receipt.ok()).toList();
    complaints.forEach(refused -> LOG.error("not warmed up command={} {}", id, refused.error()));
    var became =
        receipts.stream()
            .map(Receipt::warmUp)
            .filter(Objects::nonNull)
            .reduce(Receipt.WarmUp.NOTHING, Receipt.WarmUp::plus);
    return new Sent(became, complaints.isEmpty());
  }

  /// The same requests at the same time are the same command, whoever sends it.
  private String id(List<Item> items) {
    var digest = Sha256.hex(Json.MAPPER.valueToTree(items).toString());
    return "warm-up-%d-%s".formatted(resources.clock().millis(), digest.substring(0, 16));
  }

  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
  }
}
