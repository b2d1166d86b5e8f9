package dev.millrace.publisher;

import static java.nio.charset.StandardCharsets.UTF_8;

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
      for (var part : WarmUps.split(content.items())) {
        became = became.plus(send(part));
      }
      LOG.info(
          "warmed up file={} started={} stored={} known={} refused={}",
          file,
          became.started(),
          became.stored(),
          became.known(),
          became.refused());
    } catch (IOException e) {
      LOG.error("not warmed up, cannot read the file={}: {}", file, e.toString());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("not warmed up file={}", file, e);
    }
  }

  /// @return what became of it, as far as the ledger has said
  private Receipt.WarmUp send(List<Item> items) throws InterruptedException {
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
      return became(id, receipts.orElse(List.of()));
    } catch (ExecutionException | TimeoutException e) {
      LOG.error("not warmed up, Kafka did not confirm the command={}: {}", id, e.toString());
      return Receipt.WarmUp.NOTHING;
    }
  }

  private static Receipt.WarmUp became(String id, List<Receipt> receipts) {
    receipts.stream()
        .filter(receipt -> !receipt.ok())
        .forEach(refused -> LOG.error("not warmed up command={} {}", id, refused.error()));
    return receipts.stream()
        .map(Receipt::warmUp)
        .filter(Objects::nonNull)
        .reduce(Receipt.WarmUp.NOTHING, Receipt.WarmUp::plus);
  }

  /// The same requests at the same time are the same command, whoever sends it.
  private String id(List<Item> items) {
    var digest = Sha256.hex(Json.MAPPER.valueToTree(items).toString().getBytes(UTF_8));
    return "warm-up-%d-%s".formatted(resources.clock().millis(), digest.substring(0, 16));
  }

  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
  }
}
