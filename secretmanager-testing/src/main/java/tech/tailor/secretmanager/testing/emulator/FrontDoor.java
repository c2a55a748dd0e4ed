package tech.tailor.secretmanager.testing.emulator;

import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretUnavailableException;
import wiremock.jakarta.servlet.http.HttpServletRequest;
import wiremock.jakarta.servlet.http.HttpServletResponse;
import wiremock.org.eclipse.jetty.http.BadMessageException;
import wiremock.org.eclipse.jetty.io.EndPoint;
import wiremock.org.eclipse.jetty.server.Request;
import wiremock.org.eclipse.jetty.server.handler.AbstractHandler;

/**
 * Every request, in one order: does it come from this machine, whose token is it, is that within
 * its rate, what method is it, may the caller call it. Only then is the body read.
 */
final class FrontDoor extends AbstractHandler {

  static final int MAX_BODY_BYTES = 1 << 20;

  private static final String CONNECT_VERSION = "Connect-Protocol-Version";

  private final Tokens tokens;
  private final Map<String, Workspace> workspaces;
  private final Operations operations;
  private final EmulatorFaults faults;
  private final Journal journal;
  private final Doorman doorman;
  private final AnswerSender sender;
  private final Clock clock;

  FrontDoor(
      Tokens tokens,
      Map<String, Workspace> workspaces,
      Operations operations,
      EmulatorFaults faults,
      Journal journal,
      Doorman doorman,
      AnswerSender sender,
      Clock clock) {
    this.tokens = tokens;
    this.workspaces = workspaces;
    this.operations = operations;
    this.faults = faults;
    this.journal = journal;
    this.doorman = doorman;
    this.sender = sender;
    this.clock = clock;
  }

  /** What is known of a request by the time that it is answered. */
  private static final class Progress {
    private @Nullable Rpc rpc;
    private @Nullable Caller caller;
    private @Nullable Fault fault;
    private boolean bodyRead;
  }

  @Override
  public void handle(
      String target, Request base, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    base.setHandled(true);
    EndPoint endPoint = base.getHttpChannel().getEndPoint();
    doorman.begin(endPoint);
    Progress progress = new Progress();
    Answer answer = answer(base, request, endPoint, progress);
    Fault fault = progress.fault;
    Fault.Kind how = fault == null ? Fault.Kind.ERROR : fault.kind();
    record(progress, answer, how);
    sender.send(
        request,
        response,
        endPoint,
        answer,
        how,
        fault == null ? 0 : fault.duration().toNanos(),
        progress.bodyRead,
        () -> doorman.end(endPoint));
  }

  private void record(Progress progress, Answer answer, Fault.Kind how) {
    journal.add(new RequestRecord(
        clock.instant(),
        Optional.ofNullable(progress.rpc).map(Rpc::name),
        Optional.ofNullable(progress.caller).map(Caller::role),
        answer.outcome(),
        how == Fault.Kind.RESET ? 0 : answer.status()));
  }

  private Answer answer(
      Request base, HttpServletRequest request, EndPoint endPoint, Progress progress) {
    progress.rpc = base.getHttpURI().getQuery() == null
        ? Rpc.at(String.valueOf(base.getHttpURI().getPath()))
        : null;
    String authority = request.getServerName() + ":" + request.getServerPort();
    if (!HttpRequests.isLocal(request, authority)) {
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
    doorman.admit(endPoint);
    if (!progress.caller.rate().tryTake()) {
      return Answer.error(Code.RESOURCE_EXHAUSTED, "too many calls in one second")
          .with("Retry-After", "1");
    }
    if (progress.rpc == null) {
      return Answer.error(Code.UNIMPLEMENTED, "the emulator has no such method");
    }
    if (!request.getMethod().equals("POST")) {
      return Answer.bare(405).with("Allow", "POST");
    }
    return answer(progress.rpc, progress.caller, request, progress);
  }

  private Answer answer(Rpc rpc, Caller caller, HttpServletRequest request, Progress progress) {
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
    try {
      return Answer.ok(carryOut(rpc, caller, encoding, request, progress), encoding);
    } catch (RefusedCall e) {
      return Answer.error(e.code(), String.valueOf(e.getMessage()));
    } catch (SecretManagerException e) {
      Code code = codeOf(e);
      return Answer.error(code, reason(code) + " (" + e.getClass().getSimpleName() + ")");
    } catch (IOException | BadMessageException e) {
      // What it says may quote the body.
      return Answer.error(Code.INVALID_ARGUMENT, "the body can't be read");
    } catch (RuntimeException e) {
      return Answer.error(Code.INTERNAL, "the emulator failed: " + e.getClass().getName());
    }
  }

  private Message carryOut(
      Rpc rpc,
      Caller caller,
      Answer.Encoding encoding,
      HttpServletRequest request,
      Progress progress)
      throws IOException {
    byte[] body = HttpRequests.body(request, MAX_BODY_BYTES, System::nanoTime);
    progress.bodyRead = true;
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
