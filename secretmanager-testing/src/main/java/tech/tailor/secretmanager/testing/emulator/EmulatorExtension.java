package tech.tailor.secretmanager.testing.emulator;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.extension.requestfilter.RequestFilterAction;
import com.github.tomakehurst.wiremock.extension.requestfilter.StubRequestFilterV2;
import com.github.tomakehurst.wiremock.http.Request;
import com.github.tomakehurst.wiremock.http.ResponseDefinition;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretUnavailableException;

/**
 * WireMock's extension that answers every request, in one order: does it come from this machine,
 * whose token is it, is that within its rate, what method is it, may the caller call it. Only then
 * is the body looked at.
 */
final class EmulatorExtension implements StubRequestFilterV2 {

  static final int MAX_BODY_BYTES = 1 << 20;

  private static final int PAYLOAD_TOO_LARGE = 413;
  private static final int SLOW_PIECES = 10;
  private static final String CONNECT_VERSION = "Connect-Protocol-Version";

  private final Tokens tokens;
  private final Map<String, Workspace> workspaces;
  private final Operations operations;
  private final EmulatorFaults faults;
  private final Journal journal;
  private final Clock clock;

  /** Late answers wait for it; a new one takes its place when those are let go. */
  private volatile CountDownLatch release = new CountDownLatch(1);

  EmulatorExtension(
      Tokens tokens,
      Map<String, Workspace> workspaces,
      Operations operations,
      EmulatorFaults faults,
      Journal journal,
      Clock clock) {
    this.tokens = tokens;
    this.workspaces = workspaces;
    this.operations = operations;
    this.faults = faults;
    this.journal = journal;
    this.clock = clock;
  }

  /** What is known of a request by the time that it is answered. */
  private static final class Progress {
    private @Nullable Rpc rpc;
    private @Nullable Caller caller;
    private @Nullable Fault fault;
  }

  @Override
  public String getName() {
    return "tailor-secret-manager";
  }

  @Override
  public RequestFilterAction filter(Request request, ServeEvent event) {
    Progress progress = new Progress();
    Answer answer = answer(request, progress);
    record(progress, answer);
    if (progress.fault != null && progress.fault.kind() == Fault.Kind.LATENCY) {
      waitFor(progress.fault.duration());
    }
    return RequestFilterAction.stopWith(response(answer, progress.fault));
  }

  /** Lets the answers go that are late by now; those of later calls will be late again. */
  synchronized void releaseLateAnswers() {
    CountDownLatch before = release;
    release = new CountDownLatch(1);
    before.countDown();
  }

  /** Lets late answers go at once: WireMock's own delay would keep its server from stopping. */
  synchronized void close() {
    release.countDown();
  }

  @SuppressWarnings("ResultOfMethodCallIgnored") // both ends of the wait are the same
  private void waitFor(Duration latency) {
    try {
      release.await(latency.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void record(Progress progress, Answer answer) {
    boolean cut = progress.fault != null && progress.fault.kind() == Fault.Kind.RESET;
    journal.add(new RequestRecord(
        clock.instant(),
        Optional.ofNullable(progress.rpc).map(Rpc::name),
        Optional.ofNullable(progress.caller).map(Caller::role),
        answer.outcome(),
        cut ? 0 : answer.status()));
  }

  /** The answer as WireMock sends it, well or as the fault has it. */
  private static ResponseDefinition response(Answer answer, @Nullable Fault fault) {
    ResponseDefinitionBuilder response =
        new ResponseDefinitionBuilder().withStatus(answer.status()).withBody(answer.body());
    answer.headers().forEach(response::withHeader);
    if (fault == null) {
      return response.build();
    }
    int millis = Math.toIntExact(fault.duration().toMillis());
    switch (fault.kind()) {
      case SLOW_BODY -> {
        if (answer.body().length == 0) {
          response.withFixedDelay(millis);
        } else {
          response.withChunkedDribbleDelay(Math.min(SLOW_PIECES, answer.body().length), millis);
        }
      }
      case RESET ->
        response.withFault(com.github.tomakehurst.wiremock.http.Fault.CONNECTION_RESET_BY_PEER);
      default -> {
        // It took the place of the call, or has been waited for.
      }
    }
    return response.build();
  }

  private Answer answer(Request request, Progress progress) {
    progress.rpc = Rpc.at(request.getUrl());
    if (!HttpRequests.isLocal(request)) {
      return Answer.error(
          Code.PERMISSION_DENIED,
          "the emulator answers programs on its own machine alone, addressed as localhost");
    }
    progress.caller = HttpRequests.token(request).flatMap(tokens::callerOf).orElse(null);
    if (progress.caller == null) {
      return Answer.error(
              Code.UNAUTHENTICATED, "there must be one access token, known and not expired")
          .with("WWW-Authenticate", "Bearer");
    }
    if (!progress.caller.rate().tryTake()) {
      return Answer.error(Code.RESOURCE_EXHAUSTED, "too many calls in one second")
          .with("Retry-After", "1");
    }
    if (progress.rpc == null) {
      return Answer.error(Code.UNIMPLEMENTED, "the emulator has no such method");
    }
    if (!request.getMethod().getName().equals("POST")) {
      return Answer.bare(405).with("Allow", "POST");
    }
    return answer(progress.rpc, progress.caller, request, progress);
  }

  private Answer answer(Rpc rpc, Caller caller, Request request, Progress progress) {
    Answer.@Nullable Encoding encoding = HttpRequests.encoding(request).orElse(null);
    if (encoding == null) {
      return Answer.bare(415).with("Accept-Post", "application/json, application/proto");
    }
    String version = request.getHeader(CONNECT_VERSION);
    if (version != null && !version.equals("1")) {
      return Answer.error(Code.INVALID_ARGUMENT, CONNECT_VERSION + " must be 1");
    }
    if (!Permissions.allow(caller.role(), rpc.name())) {
      return Answer.error(
          Code.PERMISSION_DENIED, "the role of the access token does not allow this method");
    }
    progress.fault = faults.take(rpc.name()).orElse(null);
    if (progress.fault != null && progress.fault.replacesCall()) {
      return Answer.of(progress.fault);
    }
    if (!HttpRequests.isReadable(request)) {
      return Answer.error(Code.UNIMPLEMENTED, "a body may be compressed with gzip alone");
    }
    if (request.getBody().length > MAX_BODY_BYTES) {
      return Answer.error(
              Code.INVALID_ARGUMENT, "a body has at most " + MAX_BODY_BYTES + " bytes, inflated")
          .withStatus(PAYLOAD_TOO_LARGE);
    }
    try {
      return Answer.ok(carryOut(rpc, caller, encoding, request.getBody()), encoding);
    } catch (RefusedCall e) {
      return Answer.error(e.code(), String.valueOf(e.getMessage()));
    } catch (SecretManagerException e) {
      Code code = codeOf(e);
      return Answer.error(code, reason(code) + " (" + e.getClass().getSimpleName() + ")");
    } catch (RuntimeException e) {
      return Answer.error(Code.INTERNAL, "the emulator failed: " + e.getClass().getName());
    }
  }

  private Message carryOut(Rpc rpc, Caller caller, Answer.Encoding encoding, byte[] body) {
    DynamicMessage message = encoding == Answer.Encoding.JSON
        ? JsonMessages.read(rpc.request(), body)
        : readProto(rpc, body);
    Workspace workspace = workspaces.get(caller.workspaceId());
    if (workspace == null) {
      throw new RefusedCall(Code.PERMISSION_DENIED, "the access token is for no workspace here");
    }
    return operations.carryOut(rpc, new Call(caller, workspace, message));
  }

  private static DynamicMessage readProto(Rpc rpc, byte[] body) {
    try {
      return DynamicMessage.parseFrom(rpc.request(), body);
    } catch (InvalidProtocolBufferException e) {
      throw new RefusedCall(
          Code.INVALID_ARGUMENT, "the body is not the request of this method in protobuf");
    }
  }

  /** Nothing of what the store says, which is not ours to vouch for. */
  private static String reason(Code code) {
    return switch (code) {
      case NOT_FOUND -> "there is no such vault or secret";
      case ALREADY_EXISTS -> "there is one of that name already";
      case FAILED_PRECONDITION ->
        "the state does not allow it: a vault is deleted when it is empty";
      default -> "the store refuses";
    };
  }

  private static Code codeOf(SecretManagerException e) {
    if (e instanceof SecretNotFoundException) {
      return Code.NOT_FOUND;
    } else if (e instanceof SecretAlreadyExistsException) {
      return Code.ALREADY_EXISTS;
    } else if (e instanceof SecretPreconditionException) {
      return Code.FAILED_PRECONDITION;
    } else if (e instanceof SecretConflictException) {
      return Code.ABORTED;
    } else if (e instanceof SecretAccessDeniedException) {
      return Code.PERMISSION_DENIED;
    } else if (e instanceof SecretUnavailableException) {
      return Code.UNAVAILABLE;
    }
    return Code.INTERNAL;
  }
}
