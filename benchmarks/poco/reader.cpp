// Reads a mailbox with Poco's POP3 client, for the benchmark.
// Usage: reader JOB HOST PORT USER FOLDER START COUNT FIRST < password
// START and COUNT are a window (COUNT -1: all). FIRST: stop after so many messages (-1: never).
// Prints seconds and what it got as JSON. It has no UIDL and knows TLS only with another library: no uids, plain only.

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include <Poco/Net/MailMessage.h>
#include <Poco/Net/MessageHeader.h>
#include <Poco/Net/POP3ClientSession.h>
#include <Poco/Net/PartHandler.h>
#include <Poco/StreamCopier.h>
#include <Poco/Timespan.h>

namespace {

class Saver : public Poco::Net::PartHandler {
public:
    Saver(std::string folder, int number) : folder(std::move(folder)), number(number) {}

    void handlePart(const Poco::Net::MessageHeader& header, std::istream& stream) override
    {
        const std::string disposition = header.get("Content-Disposition", "");
        const auto at = disposition.find("filename=");
        if (at != std::string::npos) {
            std::ofstream file(folder + "/" + std::to_string(number) + "-" + disposition.substr(at + 9), std::ios::binary);
            Poco::StreamCopier::copyStream(stream, file);
        } else {
            std::string text;
            Poco::StreamCopier::copyToString(stream, text);
            size += text.size();
        }
    }

    std::string folder;
    int number;
    std::size_t size = 0;
};

}

int main(int argc, char** argv)
{
    if (argc != 9) {
        std::cerr << "usage: reader JOB HOST PORT USER FOLDER START COUNT FIRST\n";
        return 2;
    }
    const std::string job = argv[1];
    const bool whole = job == "all" || job == "big" || job == "text";
    const int start = std::stoi(argv[6]), count = std::stoi(argv[7]), first = std::stoi(argv[8]);
    std::string password;
    std::getline(std::cin, password);
    int messages = 0, filled = 0;
    std::size_t cells = 0;
    const auto begin = std::chrono::steady_clock::now();
    const std::clock_t cpu = std::clock();
    try {
        Poco::Net::POP3ClientSession session(argv[2], static_cast<Poco::UInt16>(std::stoi(argv[3])));
        session.setTimeout(Poco::Timespan(300, 0));
        session.login(argv[4], password);
        Poco::Net::POP3ClientSession::MessageInfoVec list;
        session.listMessages(list);
        int row = 0;
        for (const auto& entry : list) {
            ++row;
            if (count >= 0 && (row < start || row >= start + count)) continue;
            if (first >= 0 && messages >= first) break;
            ++messages;
            if (job == "delete") {
                session.deleteMessage(entry.id);
                continue;
            }
            Poco::Net::MailMessage message;
            Poco::Net::MessageHeader only;
            if (whole) {
                Saver saver(argv[5], entry.id);
                session.retrieveMessage(entry.id, message, saver);
                filled += !message.getContent().empty() || saver.size > 0;
                cells += message.getContent().size() + saver.size;
            } else {
                session.retrieveHeader(entry.id, only);
            }
            const Poco::Net::MessageHeader& header = whole ? message : only;
            const std::string subject = header.get("Subject", "");
            for (const char* name : {"Date", "From", "Reply-To", "To", "Cc", "Message-ID"}) {
                cells += Poco::Net::MessageHeader::decodeWord(header.get(name, "")).size();
            }
            std::ostringstream text;
            header.write(text);
            cells += Poco::Net::MessageHeader::decodeWord(subject).size() + text.str().size() + entry.size;
            if (!whole) filled += !subject.empty();
        }
        session.close();
    } catch (const Poco::Exception& error) {
        std::cerr << error.displayText() << '\n';
        return 1;
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    std::cout << "{\"seconds\": " << seconds.count() << ", \"cpu\": " << double(std::clock() - cpu) / CLOCKS_PER_SEC
              << ", \"messages\": " << messages << ", \"filled\": " << filled << ", \"cells\": " << cells << "}\n";
}
