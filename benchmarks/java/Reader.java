// JavaMail in the order of calls that Lucee's cfpop makes, for the benchmark.
// Usage: Reader JOB HOST PORT TLS USER FOLDER START COUNT FIRST < password, then one uid a line
// TLS is 0 or 1. START and COUNT are a window (COUNT -1: all). FIRST: stop after so many messages (-1: never).
// Prints seconds and what it got as JSON. The classes are loaded, and the machine is warmed up, by one session before the clock starts.

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import javax.mail.Flags;
import javax.mail.Folder;
import javax.mail.Message;
import javax.mail.Multipart;
import javax.mail.Part;
import javax.mail.Session;
import javax.mail.Store;
import javax.mail.internet.MimeUtility;

public final class Reader {
    private int messages;
    private int filled; // messages with a text
    private int subjects;
    private long cells; // so that nothing read is optimised away

    public static void main(String[] words) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String password = input.readLine();
        Set<String> uids = new HashSet<>();
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            uids.add(line);
        }
        String job = words[0];
        Path folder = Paths.get(words[5]);
        int start = Integer.parseInt(words[6]);
        int count = Integer.parseInt(words[7]);
        int first = Integer.parseInt(words[8]);
        if (!job.equals("delete")) {
            new Reader().read(job, words, password, Collections.emptySet(), Files.createTempDirectory(folder, "warm"), 1, 50, 50);
        }
        Reader reader = new Reader();
        long begin = System.nanoTime();
        long cpu = cpu();
        reader.read(job, words, password, uids, folder, start, count, first);
        double seconds = (System.nanoTime() - begin) / 1e9;
        double used = (cpu() - cpu) / 1e9;
        System.out.printf("{\"seconds\": %.6f, \"cpu\": %.6f, \"messages\": %d, \"filled\": %d, \"cells\": %d}%n",
            seconds, used, reader.messages, reader.filled > 0 ? reader.filled : reader.subjects, reader.cells);
    }

    private static long cpu() {
        return ((com.sun.management.OperatingSystemMXBean)
            java.lang.management.ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private void read(String job, String[] words, String password, Set<String> uids, Path folder, int start, int count, int first)
            throws Exception {
        boolean delete = job.equals("delete");
        boolean whole = job.equals("all") || job.equals("big") || job.equals("text");
        String protocol = words[3].equals("1") ? "pop3s" : "pop3";
        Properties properties = new Properties();
        properties.put("mail." + protocol + ".host", words[1]);
        properties.put("mail." + protocol + ".port", words[2]);
        properties.put("mail." + protocol + ".ssl.trust", "*");
        Store store = Session.getInstance(properties).getStore(protocol);
        store.connect(words[1], Integer.parseInt(words[2]), words[4], password);
        com.sun.mail.pop3.POP3Folder inbox = (com.sun.mail.pop3.POP3Folder) store.getFolder("INBOX"); // the uids are its own
        inbox.open(delete ? Folder.READ_WRITE : Folder.READ_ONLY); // STAT
        inbox.isOpen(); // NOOP
        Message[] all = inbox.getMessages();
        int row = 0;
        List<Message> doomed = new ArrayList<>();
        for (Message message : all) {
            if (first >= 0 && messages >= first) {
                break;
            }
            boolean windowed = count >= 0;
            if (windowed && (row + 1 < start || row + 1 >= start + count)) {
                row++;
                continue;
            }
            row++;
            String uid = inbox.getUID(message); // UIDL n
            if (!uids.isEmpty() && !uids.contains(uid)) {
                continue;
            }
            messages++;
            if (delete) {
                doomed.add(message);
                continue;
            }
            header(message);
            if (whole) {
                String[] texts = new String[2];
                content(message, texts, folder, message.getMessageNumber()); // RETR n
                filled += texts[0] != null || texts[1] != null ? 1 : 0;
                cells += (texts[0] == null ? 0 : texts[0].length()) + (texts[1] == null ? 0 : texts[1].length());
            }
        }
        for (Message message : doomed) {
            message.setFlag(Flags.Flag.DELETED, true);
        }
        inbox.close(delete); // DELE of each, QUIT
        store.close();
    }

    private void header(Message message) throws Exception {
        StringBuilder text = new StringBuilder();
        String subject = message.getSubject(); // TOP n 0
        text.append(subject).append(message.getSentDate());
        for (String name : new String[] {"From", "Reply-To", "To", "Cc", "Message-ID"}) {
            String[] values = message.getHeader(name);
            if (values != null) {
                for (String value : values) {
                    text.append(MimeUtility.decodeText(value));
                }
            }
        }
        java.util.Enumeration<javax.mail.Header> fields = message.getAllHeaders();
        while (fields.hasMoreElements()) {
            javax.mail.Header field = fields.nextElement();
            text.append(field.getName()).append(": ").append(field.getValue()).append('\n');
        }
        text.append(message.getSize()); // LIST n
        cells += text.length();
        subjects += subject == null || subject.isEmpty() ? 0 : 1;
    }

    private void content(Part part, String[] texts, Path folder, int number) throws Exception {
        if (part.getFileName() != null) {
            try (InputStream stream = part.getInputStream()) {
                Files.copy(stream, folder.resolve(number + "-" + part.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        } else if (part.isMimeType("multipart/*")) {
            Multipart parts = (Multipart) part.getContent();
            for (int index = 0; index < parts.getCount(); index++) {
                content(parts.getBodyPart(index), texts, folder, number);
            }
        } else if (part.isMimeType("text/html")) {
            texts[1] = texts[1] == null ? part.getContent().toString() : texts[1];
        } else if (part.isMimeType("text/*")) {
            texts[0] = texts[0] == null ? part.getContent().toString() : texts[0];
        }
    }
}
