// SPDX-License-Identifier: BSD-3-Clause
// The only file that uses libcurl.
#include "noports/activate/registrar_client.hpp"

#include <curl/curl.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "noports/base/text.hpp"
#include "noports/keys/registrar_calls.hpp"
#include "noports/net/offload.hpp"

namespace noports::activate {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kHttps = 443;
constexpr auto kConnect = 30'000ms;
constexpr std::size_t kLongestHeaders = 65'536;  // bytes, all lines together

struct Answer {
  int status = 0;
  crypto::Secret body;
};

// One POST, owned by the thread that makes it.
struct Post {
  std::string url, api_key;
  crypto::Secret body;
  net::TlsContext tls;
  std::chrono::milliseconds patience;
  std::shared_ptr<const std::atomic<bool>> is_abandoned;

  std::string answer;  // its room is reserved, so that no copy of a secret stays behind
  std::size_t headers = 0;
  bool is_too_long = false;

  ~Post() { crypto::wipe(answer); }
};

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// ---- called by libcurl ----

std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* into) {
  auto& post = *static_cast<Post*>(into);
  post.is_too_long = post.answer.size() + size > keys::kLongestRegistrarAnswer;
  if (post.is_too_long) return CURL_WRITEFUNC_ERROR;
  post.answer.append(bytes, size);
  return size;
}

std::size_t count_header(char*, std::size_t, std::size_t size, void* into) {
  auto& post = *static_cast<Post*>(into);
  post.headers += size;
  post.is_too_long = post.headers > kLongestHeaders;
  return post.is_too_long ? CURL_WRITEFUNC_ERROR : size;
}

int watch(void* from, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return *static_cast<const Post*>(from)->is_abandoned ? 1 : 0;
}

// The trust of this program instead of libcurl's own.
CURLcode use_trust(CURL*, void* context, void* from) {
  auto* const theirs = static_cast<SSL_CTX*>(context);
  auto* const ours = static_cast<const Post*>(from)->tls->native_handle();
  SSL_CTX_set1_cert_store(theirs, SSL_CTX_get_cert_store(ours));
  return CURLE_OK;
}

// ----

template <class Value>
bool set(CURL* handle, CURLoption option, Value value) {
  return curl_easy_setopt(handle, option, value) == CURLE_OK;
}

bool prepare(CURL* handle, Post& post, const curl_slist* headers, char* error) {
  const auto body = post.body.text();
  return set(handle, CURLOPT_ERRORBUFFER, error) && set(handle, CURLOPT_NOSIGNAL, 1L) &&
         set(handle, CURLOPT_PROTOCOLS_STR, "https") &&
         set(handle, CURLOPT_URL, post.url.c_str()) &&
         set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1)) &&
         set(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size())) &&
         set(handle, CURLOPT_POSTFIELDS, body.data()) && set(handle, CURLOPT_HTTPHEADER, headers) &&
         // Chain and name, by our trust alone.
         set(handle, CURLOPT_SSL_VERIFYPEER, 1L) && set(handle, CURLOPT_SSL_VERIFYHOST, 2L) &&
         set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)) &&
         set(handle, CURLOPT_CAINFO, static_cast<const char*>(nullptr)) &&
         set(handle, CURLOPT_CAPATH, static_cast<const char*>(nullptr)) &&
         set(handle, CURLOPT_SSL_CTX_FUNCTION, &use_trust) &&
         set(handle, CURLOPT_SSL_CTX_DATA, &post) &&
         // An end in time and in bytes.
         set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(post.patience.count())) &&
         set(handle, CURLOPT_CONNECTTIMEOUT_MS,
             static_cast<long>(
                 std::min(post.patience, std::chrono::milliseconds(kConnect)).count())) &&
         set(handle, CURLOPT_WRITEFUNCTION, &take_body) && set(handle, CURLOPT_WRITEDATA, &post) &&
         set(handle, CURLOPT_HEADERFUNCTION, &count_header) &&
         set(handle, CURLOPT_HEADERDATA, &post) && set(handle, CURLOPT_NOPROGRESS, 0L) &&
         set(handle, CURLOPT_XFERINFOFUNCTION, &watch) && set(handle, CURLOPT_XFERINFODATA, &post);
}

Error failure(CURLcode code, const Post& post, const char* detail) {
  const std::string what = printable(*detail != '\0' ? detail : curl_easy_strerror(code));
  if (post.is_too_long) return Error(Errc::bad_syntax, Hop::directory, "its answer is too long");
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return Error(Errc::timed_out, Hop::directory, what);
    case CURLE_PEER_FAILED_VERIFICATION:
      return Error(Errc::rejected, Hop::directory, what)
          .hint("add the registrar's CA with --ca-file, if it is yours");
    default:
      return Error(Errc::disconnected, Hop::directory, what)
          .hint("check the network, --registrarUrl, and the proxy in https_proxy if there is one");
  }
}

Result<Answer> perform(Post& post) {
  const std::unique_ptr<CURL, FreeHandle> handle(curl_easy_init());
  std::unique_ptr<curl_slist, FreeHandle> headers(
      curl_slist_append(nullptr, "Content-Type: application/json"));
  if (headers) {
    const auto key = "Authorization: " + post.api_key;
    static_cast<void>(curl_slist_append(headers.get(), key.c_str()));
  }
  std::array<char, CURL_ERROR_SIZE> detail{};
  post.answer.reserve(keys::kLongestRegistrarAnswer);
  if (!handle || !headers || !prepare(handle.get(), post, headers.get(), detail.data())) {
    return fail(Errc::io, "libcurl cannot be used");
  }
  const auto code = curl_easy_perform(handle.get());
  if (code != CURLE_OK) return fail(failure(code, post, detail.data()));
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  return Answer{static_cast<int>(status), crypto::Secret(std::string_view(post.answer))};
}

// Tells the transfer to end when the coroutine that waits for it is cancelled.
class Abandoning {
 public:
  Abandoning() = default;
  Abandoning(const Abandoning&) = delete;
  Abandoning& operator=(const Abandoning&) = delete;
  ~Abandoning() { *flag_ = true; }
  std::shared_ptr<const std::atomic<bool>> flag() const { return flag_; }

 private:
  std::shared_ptr<std::atomic<bool>> flag_ = std::make_shared<std::atomic<bool>>(false);
};

// Off the loop; libcurl looks at the flag at least once a second.
asio::awaitable<Result<Answer>> post_to(const Registrar& registrar, std::string_view path,
                                        crypto::Secret body, net::Deadline deadline) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK) co_return fail(Errc::io, "libcurl cannot be used");
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  if (left <= 0ms) co_return fail(Errc::timed_out, Hop::directory, "deadline passed");
  const Abandoning abandoning;
  const auto post = std::make_shared<Post>();
  const auto& host = registrar.address;
  post->url = "https://" + host.str() + std::string(path);
  post->api_key = registrar.api_key;
  post->body = std::move(body);
  post->tls = registrar.tls;
  post->patience = left;
  post->is_abandoned = abandoning.flag();
  std::function<Result<Answer>()> work = [post] { return perform(*post); };
  co_return co_await net::offload<Answer>(std::move(work));
}

std::string doing(const Registrar& registrar) {
  return "asking the registrar " + registrar.address.str();
}

}  // namespace

Result<RegistrarAddress> RegistrarAddress::parse(std::string_view text) {
  const auto want = [] { return fail(Error(Errc::config, "want HOST or HOST:PORT, for HTTPS")); };
  take(text, "https://");
  if (text.ends_with('/')) text.remove_suffix(1);
  RegistrarAddress address;
  const bool is_numeric = take(text, "[");
  const auto end = text.find(is_numeric ? ']' : ':');
  address.host = lower(text.substr(0, end));
  const auto* const allowed =
      is_numeric ? "0123456789abcdef:." : "abcdefghijklmnopqrstuvwxyz0123456789.-_";
  const bool is_host = !address.host.empty() && address.host.size() <= 253 &&
                       address.host.find_first_not_of(allowed) == std::string::npos;
  if (!is_host || (is_numeric && end == text.npos)) return want();
  if (is_numeric) address.host = "[" + address.host + "]";
  text.remove_prefix(end == text.npos ? text.size() : end + (is_numeric ? 1 : 0));
  if (text.empty()) return address;
  const auto port = take(text, ":") ? parse_port(text) : std::nullopt;
  if (!port) return want();
  address.port = *port;
  return address;
}

std::string RegistrarAddress::str() const {
  return port == kHttps ? host : host + ":" + std::to_string(port);
}

asio::awaitable<Result<void>> send_code(Registrar registrar, at::Atsign self,
                                        net::Deadline deadline) {
  auto body = keys::encode(keys::RegistrarRequest{self, crypto::Secret()});
  auto answer = co_await post_to(registrar, keys::kSendCodePath, std::move(body), deadline);
  if (!answer) co_return fail(std::move(answer).error().during(doing(registrar)));
  auto sent = keys::decode_code_sent(answer->status, answer->body.text());
  if (!sent) co_return fail(std::move(sent).error().during(doing(registrar)));
  co_return sent;
}

asio::awaitable<Result<crypto::Secret>> redeem_code(Registrar registrar, at::Atsign self,
                                                    crypto::Secret code, net::Deadline deadline) {
  auto body = keys::encode(keys::RegistrarRequest{self, std::move(code)});
  auto answer = co_await post_to(registrar, keys::kActivatePath, std::move(body), deadline);
  if (!answer) co_return fail(std::move(answer).error().during(doing(registrar)));
  auto secret = keys::decode_activated(answer->status, answer->body.text(), self);
  if (!secret) co_return fail(std::move(secret).error().during(doing(registrar)));
  co_return secret;
}

}  // namespace noports::activate
