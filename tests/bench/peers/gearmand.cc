#include "tests/bench/peers/gearmand.h"

#include "engine/base/check.h"
#include "tests/bench/measure.h"

namespace yard::bench {
namespace {

// Asked for at once by the worker, so that the next job is there when one is done.
constexpr int kGrabsAhead = 64;

// Numbers of gearman's binary protocol.
enum class Packet : std::uint8_t {
  kCanDo = 1,
  kPreSleep = 4,
  kNoop = 6,
  kSubmitJob = 7,
  kJobCreated = 8,
  kGrabJob = 9,
  kNoJob = 10,
  kJobAssign = 11,
  kWorkComplete = 13,
};

constexpr std::size_t kHeadBytes = 12;  // magic, number, size, each of four bytes, big endian

void put32(Bytes& out, std::size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift & 0xFF));
}

std::size_t get32(BytesView bytes) {
  std::size_t value = 0;
  for (const char byte : bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

Bytes encode(Packet packet, BytesView body) {
  Bytes bytes("\0REQ", 4);
  put32(bytes, static_cast<std::size_t>(packet));
  put32(bytes, body.size());
  return bytes.append(body);
}

// Nothing: the server is gone. `body` is valid until the next call.
std::optional<Packet> read(Stream& stream, BytesView& body) {
  const auto head = stream.exactly(kHeadBytes);
  if (!head) return std::nullopt;
  YARD_CHECK(head->starts_with(BytesView("\0RES", 4)));
  const auto packet = static_cast<Packet>(get32(head->substr(4)));
  const auto rest = stream.exactly(get32(head->substr(8)));
  if (!rest) return std::nullopt;
  body = *rest;
  return packet;
}

std::vector<std::string> flags(const std::filesystem::path& folder, std::uint16_t port) {
  return {"--listen=127.0.0.1", "--port=" + std::to_string(port), "--log-file=stderr",
          "--pid-file=" + (folder / "pid").string()};
}

}  // namespace

Gearmand::Gearmand()
    : program_(kProgram, flags(folder_.path(), port_), folder_.path() / "log"),
      client_(program_.connect_loopback(port_)),
      worker_stream_(program_.connect_loopback(port_)),
      worker_([this] { work(); }) {}

Gearmand::~Gearmand() { worker_stream_.end(); }

void Gearmand::work() {
  const Bytes grab = encode(Packet::kGrabJob, "");
  worker_stream_.queue(encode(Packet::kCanDo, "noop"));
  int grabs = 0;
  BytesView body;
  for (;;) {
    for (; grabs < kGrabsAhead; ++grabs) worker_stream_.queue(grab);
    auto packet = read(worker_stream_, body);
    for (; packet == Packet::kNoJob && --grabs > 0;) packet = read(worker_stream_, body);
    if (packet == Packet::kJobAssign) {
      // The job's handle, a zero, the result.
      const BytesView handle = body.substr(0, body.find('\0') + 1);
      worker_stream_.queue(encode(Packet::kWorkComplete, Bytes(handle) + "{}"));
      --grabs;
    } else if (packet == Packet::kNoJob) {
      worker_stream_.queue(encode(Packet::kPreSleep, ""));
      packet = read(worker_stream_, body);
    }
    if (!packet) return;
  }
}

double Gearmand::jobs_k(int count, int window) {
  // The function, no id of ours, the arguments.
  const Bytes submit = encode(Packet::kSubmitJob, BytesView("noop\0\0{}", 8));
  return pipelined_k(
      count, window, [&] { client_.queue(submit); },
      [this] {
        BytesView body;
        for (auto packet = read(client_, body); packet != Packet::kWorkComplete; packet = read(client_, body)) {
          YARD_CHECK(packet == Packet::kJobCreated);
        }
      });
}

}  // namespace yard::bench
